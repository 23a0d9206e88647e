// One cell's requests that were answered well and in time, while they are drawn: in columns, which a counter goes through
// at once, and which are used again from cell to cell.

export class PlainRequests {
  length = 0;
  /** The place of who sent it among the cell's people. */
  person: Int32Array = new Int32Array(0);
  /** The place of who answered among the arm's replicas. */
  replica: Int32Array = new Int32Array(0);
  /** 1 where its answer is of the mixture's higher load. */
  isHigh: Uint8Array = new Uint8Array(0);
  /** The place of its answer in that pool. */
  place: Int32Array = new Int32Array(0);

  /** Empty, with room for so many. */
  begin(count: number): void {
    this.length = 0;
    if (this.person.length >= count) return;
    this.person = new Int32Array(count);
    this.replica = new Int32Array(count);
    this.isHigh = new Uint8Array(count);
    this.place = new Int32Array(count);
  }

  add(person: number, replica: number, isHigh: boolean, place: number): void {
    const at = this.length++;
    this.person[at] = person;
    this.replica[at] = replica;
    this.isHigh[at] = isHigh ? 1 : 0;
    this.place[at] = place;
  }

  clear(): void {
    this.length = 0;
  }
}
