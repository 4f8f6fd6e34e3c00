/** Counts what was changed on the screen, so that the log and the sessions are read anew after it. */
class Changes {
  count = $state(0);

  tell(): void {
    this.count += 1;
  }
}

export const changes = new Changes();
