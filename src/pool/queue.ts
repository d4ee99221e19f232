/**
 * Work that waits, by group: first come first served within a group, and the groups take turns, so
 * that one with a thousand items delays one with a single item by one item.
 */
export class FairQueue<Item> {
  /** In the order of their turns; no group is empty. */
  readonly #groups = new Map<object, Item[]>();
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(group: object, item: Item): void {
    const items = this.#groups.get(group);
    if (items) items.push(item);
    else this.#groups.set(group, [item]);
    this.#length++;
  }

  /** Takes the oldest item of the group whose turn it is. */
  take(): Item | undefined {
    for (const [group, items] of this.#groups) {
      const item = items.shift();
      this.#groups.delete(group);
      if (items.length > 0) this.#groups.set(group, items);
      this.#length--;
      return item;
    }
    return undefined;
  }

  /** Removes an item that still waits. */
  remove(group: object, item: Item): boolean {
    const items = this.#groups.get(group);
    const index = items?.indexOf(item) ?? -1;
    if (!items || index < 0) return false;
    items.splice(index, 1);
    if (items.length === 0) this.#groups.delete(group);
    this.#length--;
    return true;
  }

  /** Removes and returns everything that waits. */
  drain(): Item[] {
    const all = [...this.#groups.values()].flat();
    this.#groups.clear();
    this.#length = 0;
    return all;
  }
}
