/** Statistics. */

export const ascending = (one: number, other: number) => one - other

export function median(values: readonly number[]): number {
  return quantile(values.toSorted(ascending), 0.5)
}

/** @param sorted ascending, at least one */
export function quantile(sorted: readonly number[], part: number): number {
  const at = (sorted.length - 1) * part
  const [below, above] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]]
  if (below === undefined || above === undefined) throw new Error('nothing was measured')
  return below + (above - below) * (at - Math.floor(at))
}

export function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
