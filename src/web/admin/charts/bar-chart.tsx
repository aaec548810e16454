/** Stacked bars over time, drawn by the server, with the same figures in a table. */
import { Scroll } from '../../../pages/scroll.tsx'

export interface ChartSeries {
  readonly label: string
  readonly bad?: boolean
}

export interface ChartBar {
  readonly startsAt: Date
  /** A count for each series, from the bottom. */
  readonly values: readonly number[]
}

export interface BarChartProps {
  /** Caption of the table; the heading is the caller's. */
  readonly caption: string
  readonly series: readonly ChartSeries[]
  /** Oldest first, without gaps. */
  readonly bars: readonly ChartBar[]
}

/** The drawing's own units; CSS stretches it. */
const barWidth = 10
const gap = 3
const height = 100

export function BarChart({ caption, series, bars }: BarChartProps) {
  const top = niceTop(Math.max(0, ...bars.map(({ values }) => total(values))))
  return (
    <>
      <figure class="chart">
        <div class="axis values" aria-hidden="true">
          <span>{top.toLocaleString('en-US')}</span>
          <span>0</span>
        </div>
        <svg
          viewBox={`0 0 ${bars.length * barWidth} ${height}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={`${caption}. The table below has the figures.`}
        >
          {bars.map((bar, index) => (
            <Bar key={bar.startsAt.getTime()} bar={bar} series={series} left={index * barWidth} top={top} />
          ))}
        </svg>
        <div class="axis times" aria-hidden="true">
          <span>{clockOf(bars[0]?.startsAt)}</span>
          <span>now</span>
        </div>
      </figure>
      {series.length > 1 && <Legend series={series} />}
      <ChartTable caption={caption} series={series} bars={bars} />
    </>
  )
}

interface BarProps {
  readonly bar: ChartBar
  readonly series: readonly ChartSeries[]
  readonly left: number
  readonly top: number
}

function Bar({ bar: { values }, series, left, top }: BarProps) {
  const heights = values.map((value) => (value / top) * height)
  return heights.map((each, index) => {
    if (each === 0) return null
    const below = total(heights.slice(0, index))
    const kind = series[index]?.bad ? 'bar bad' : 'bar'
    return (
      <rect
        key={series[index]?.label}
        class={kind}
        x={left + gap / 2}
        y={round(height - below - each)}
        width={barWidth - gap}
        height={round(each)}
      />
    )
  })
}

const Legend = ({ series }: Pick<BarChartProps, 'series'>) => (
  <ul class="legend">
    {series.map(({ label, bad }) => (
      <li key={label}>
        <svg viewBox="0 0 1 1" aria-hidden="true">
          <rect class={bad ? 'bar bad' : 'bar'} width="1" height="1" />
        </svg>
        {label}
      </li>
    ))}
  </ul>
)

function ChartTable({ caption, series, bars }: BarChartProps) {
  return (
    <details>
      <summary>Table</summary>
      <Scroll label={caption}>
        <table>
          <caption class="unseen">{caption}</caption>
          <thead>
            <tr>
              <th scope="col">From (UTC)</th>
              {series.map(({ label }) => (
                <th key={label} scope="col" class="number">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {bars.map(({ startsAt, values }) => (
              <tr key={startsAt.getTime()}>
                <td>
                  <time dateTime={startsAt.toISOString()}>{clockOf(startsAt)}</time>
                </td>
                {series.map(({ label }, index) => (
                  <td key={label} class="number">
                    {(values[index] ?? 0).toLocaleString('en-US')}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </details>
  )
}

/** 1, 2 or 5 times a power of ten, at least as high as the highest bar. */
export function niceTop(highest: number): number {
  if (highest <= 0) return 1
  const power = 10 ** Math.floor(Math.log10(highest))
  const factor = [1, 2, 5, 10].find((each) => each * power >= highest) ?? 10
  return factor * power
}

const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0)
const round = (value: number) => Math.round(value * 100) / 100
const clockOf = (time: Date | undefined) => time?.toISOString().slice(11, 16) ?? ''
