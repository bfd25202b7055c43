// What can wait until the hand's own mark is on the screen: done once, after the next frame, however often it is asked for.

export class Soon {
  private booked = false;

  constructor(private readonly call: () => void) {}

  book(): void {
    if (this.booked) return;
    this.booked = true;
    const run = (): void => {
      this.booked = false;
      this.call();
    };
    if (document.hidden) window.setTimeout(run, 0); // no frame comes
    else window.requestAnimationFrame(() => window.setTimeout(run, 0));
  }
}
