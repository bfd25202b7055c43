// Where the desk's page begins: when the map stands.
import { Changes } from "./changes";
import { Live, Page } from "./live";
import { register } from "./modes";

interface Shell {
  desk: Page["desk"];
  page?: Page;
  live?: Live;
}

const shell = (window as unknown as { govmap: Shell }).govmap;

async function begin(): Promise<void> {
  const live = new Live(shell.page!);
  shell.live = live;
  register(live);
  const state = await live.look();
  void new Changes(live).watch();
  live.rail.go(live.rail.remembered() || (state.name === null ? "start" : state.active ? "map" : "steps"));
  document.body.setAttribute("data-desk", "ready");
}

if (shell.page) void begin();
else shell.desk.on("open", () => void begin());
