"""One thin function a URL; each module is one room of the desk."""
