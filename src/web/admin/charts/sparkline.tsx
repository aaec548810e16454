/** A line without axes, beside the value that it explains. */

export interface SparklineProps {
  /** Oldest first. Null: no value in that span, so the line is interrupted. */
  readonly points: readonly (number | null)[]
  /** Accessible label, such as `success rate of the last 24 hours: 98% to 100%`. */
  readonly label: string
  /** Maximum of the scale. Default: the largest point. */
  readonly max?: number | undefined
  readonly bad?: boolean | undefined
}

const width = 96
const height = 24
const inset = 2

export function Sparkline({ points, label, max, bad = false }: SparklineProps) {
  const top = Math.max(max ?? 0, ...points.map((point) => point ?? 0), Number.MIN_VALUE)
  return (
    <svg class={bad ? 'sparkline bad' : 'sparkline'} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      <path d={linePath(points, top)} />
    </svg>
  )
}

/** A segment for each run of values; a single one is a dash. */
export function linePath(points: readonly (number | null)[], top: number): string {
  const step = points.length > 1 ? width / (points.length - 1) : 0
  const at = (index: number, value: number) =>
    `${round(index * step)} ${round(height - inset - (value / top) * (height - 2 * inset))}`
  return points
    .map((point, index) => {
      if (point === null) return ''
      const isFirst = (points[index - 1] ?? null) === null
      const isAlone = isFirst && (points[index + 1] ?? null) === null
      return `${isFirst ? 'M' : 'L'}${at(index, point)}${isAlone ? 'h2' : ''}`
    })
    .join('')
}

const round = (value: number) => Math.round(value * 10) / 10
