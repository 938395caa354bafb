/** One command's use of links that several networks share. */
export interface Use {
  /** Whether another command has counted on the link since this use began: then it must stay as it is now. */
  isShared(link: string): boolean;
  end(): void;
}

/**
 * Who is using bridges, VLAN links and devices right now. Commands of different networks run side by side; a bridge that a failed one
 * made may carry another by then.
 */
export class SharedUse {
  readonly #users = new Map<string, Set<{ alone: boolean }>>();

  begin(links: readonly string[]): Use {
    const own = new Map<string, { alone: boolean }>();
    for (const link of links) {
      const users = this.#users.get(link) ?? new Set();
      this.#users.set(link, users);
      const user = { alone: users.size === 0 };
      for (const other of users) other.alone = false;
      users.add(user);
      own.set(link, user);
    }
    return {
      isShared: (link) => own.get(link)?.alone === false,
      end: () => {
        for (const [link, user] of own) {
          const users = this.#users.get(link);
          users?.delete(user);
          if (users?.size === 0) this.#users.delete(link);
        }
      },
    };
  }
}
