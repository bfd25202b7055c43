@echo off
rem Opens the desk in the browser; with a project dropped on it, that project.
"%~dp0govmap.exe" serve %*
if errorlevel 1 pause
