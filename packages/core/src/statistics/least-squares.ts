// Weighted least squares for a handful of coefficients, by the normal equations.

export type Equation = {
  readonly x: readonly number[];
  readonly y: number;
  readonly weight: number;
};

/** Relative to a column's own size: keeps a column that hardly varies from getting any coefficient but a small one. */
const RIDGE = 1e-9;

/** The coefficients that fit best; 0 for a column that is 0 throughout. `x` must be equally long in all equations. */
export function leastSquares(equations: readonly Equation[]): number[] {
  const sums = new NormalSums(equations[0]?.x.length ?? 0);
  for (const { x, y, weight } of equations) sums.add(x, y, weight);
  return sums.solution();
}

/** The normal equations, summed up one equation after the other. */
export class NormalSums {
  readonly #columns: number;
  /** Row by row, each with its right side last; below the diagonal it is the same as above. */
  readonly #sums: Float64Array;

  constructor(columns: number) {
    this.#columns = columns;
    this.#sums = new Float64Array(columns * (columns + 1));
  }

  add(x: ArrayLike<number>, y: number, weight: number): void {
    const columns = this.#columns;
    const sums = this.#sums;
    for (let i = 0; i < columns; i++) {
      const own = x[i] ?? 0;
      if (own === 0) continue;
      const xi = own * weight;
      const row = i * (columns + 1);
      for (let j = i; j < columns; j++) sums[row + j] = (sums[row + j] ?? 0) + xi * (x[j] ?? 0);
      sums[row + columns] = (sums[row + columns] ?? 0) + xi * y;
    }
  }

  /** An equation that is 0 but in these columns, which ascend: the same sums, without looking at the others. */
  addOf(
    x: ArrayLike<number>,
    [i, j, k]: readonly [number, number, number],
    y: number,
    weight: number,
  ): void {
    const width = this.#columns + 1;
    const right = this.#columns;
    const sums = this.#sums;
    const [a, b, c] = [x[i] ?? 0, x[j] ?? 0, x[k] ?? 0];
    const [aw, bw, cw] = [a * weight, b * weight, c * weight];
    const [rowI, rowJ, rowK] = [i * width, j * width, k * width];
    sums[rowI + i] = (sums[rowI + i] ?? 0) + aw * a;
    sums[rowI + j] = (sums[rowI + j] ?? 0) + aw * b;
    sums[rowI + k] = (sums[rowI + k] ?? 0) + aw * c;
    sums[rowI + right] = (sums[rowI + right] ?? 0) + aw * y;
    sums[rowJ + j] = (sums[rowJ + j] ?? 0) + bw * b;
    sums[rowJ + k] = (sums[rowJ + k] ?? 0) + bw * c;
    sums[rowJ + right] = (sums[rowJ + right] ?? 0) + bw * y;
    sums[rowK + k] = (sums[rowK + k] ?? 0) + cw * c;
    sums[rowK + right] = (sums[rowK + right] ?? 0) + cw * y;
  }

  solution(): number[] {
    const columns = this.#columns;
    const rows = Array.from({ length: columns }, (_, i) =>
      Array.from({ length: columns + 1 }, (__, j) => {
        const [low, high] = j < i ? [j, i] : [i, j];
        return this.#sums[low * (columns + 1) + high] ?? 0;
      }),
    );
    // Columns are brought to one scale first: tokens times requests are millions of times what an intercept is.
    const scales = rows.map((row, i) => Math.sqrt(row[i] ?? 0) || 1);
    rows.forEach((row, i) => {
      for (let j = 0; j < columns; j++) {
        row[j] = (row[j] ?? 0) / ((scales[i] ?? 1) * (scales[j] ?? 1));
      }
      row[columns] = (row[columns] ?? 0) / (scales[i] ?? 1);
      row[i] = (row[i] ?? 0) + RIDGE;
    });
    return solved(rows).map((value, i) => value / (scales[i] ?? 1));
  }
}

/** Gaussian elimination with the largest pivot. Each row holds its right side last. */
function solved(rows: number[][]): number[] {
  const n = rows.length;
  for (let column = 0; column < n; column++) {
    const pivot = largest(rows, column);
    const top = rows[pivot] ?? [];
    rows[pivot] = rows[column] ?? [];
    rows[column] = top;
    for (let i = column + 1; i < n; i++) eliminate(rows[i] ?? [], top, column);
  }
  const solution = new Array<number>(n).fill(0);
  for (let i = n - 1; i >= 0; i--) {
    const row = rows[i] ?? [];
    let rest = row[n] ?? 0;
    for (let j = i + 1; j < n; j++) rest -= (row[j] ?? 0) * (solution[j] ?? 0);
    solution[i] = rest / (row[i] || 1);
  }
  return solution;
}

function largest(rows: readonly number[][], column: number): number {
  let best = column;
  for (let i = column + 1; i < rows.length; i++) {
    if (Math.abs(rows[i]?.[column] ?? 0) > Math.abs(rows[best]?.[column] ?? 0)) best = i;
  }
  return best;
}

function eliminate(row: number[], top: readonly number[], column: number): void {
  const factor = (row[column] ?? 0) / (top[column] || 1);
  for (let j = column; j < row.length; j++) row[j] = (row[j] ?? 0) - factor * (top[j] ?? 0);
}
