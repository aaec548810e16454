/** Sign-ins and connections in figures and charts. */
import type { ComponentChildren } from 'preact'
import type { SignInFacts } from '../../../broker/deployment/facts.ts'
import type { ConnectionCounts, Overview } from '../../../broker/deployment/overview.ts'
import type { SignInCount } from '../../../broker/ports/sign-ins.ts'
import { withQuery } from '../../../http/destination.ts'
import { safeHref } from '../../../pages/layout.tsx'
import { Section } from '../../../pages/parts.tsx'
import { BarChart } from '../charts/bar-chart.tsx'
import { sections } from '../sections.ts'

interface FiguresProps {
  readonly overview: Pick<Overview, 'connections' | 'signIns'>
  readonly tenant: string | undefined
}

export function Figures({ overview: { connections, signIns }, tenant }: FiguresProps) {
  const hour = signIns && total(signIns.lastHour)
  const day = signIns && total(signIns.lastDay)
  const path = sections['sign-ins'].path
  return (
    <section id="figures" class="stats" aria-label="Figures" data-live>
      <Figure
        label="Sign-ins, last hour"
        href={withQuery(path, { tenant, period: '1h' })}
        detail={hour && failedText(hour)}
      >
        {hour?.signedIn.toLocaleString('en-US')}
      </Figure>
      <Figure
        label="Failures, last 24 hours"
        href={withQuery(path, { tenant, period: '24h', outcome: 'refused' })}
        detail={shareOf(day)}
      >
        {day?.refused.toLocaleString('en-US')}
      </Figure>
      <Figure
        label="Connections"
        href={withQuery(sections.connections.path, { tenant })}
        detail={connections && connectionDetail(connections)}
      >
        {connections?.all.toLocaleString('en-US')}
      </Figure>
    </section>
  )
}

interface FigureProps {
  readonly label: string
  readonly href: string
  readonly detail: string | undefined
  readonly children: ComponentChildren
}

const Figure = ({ label, href, detail, children }: FigureProps) => (
  <div class="stat">
    <a class="stat-name" href={safeHref(href)}>
      {label}
    </a>
    <strong>{children ?? '–'}</strong>
    <span class="small">{detail ?? 'not available'}</span>
  </div>
)

function total(counts: readonly SignInCount[]): Pick<SignInCount, 'signedIn' | 'refused'> {
  const sum = (name: 'signedIn' | 'refused') => counts.reduce((before, each) => before + each[name], 0)
  return { signedIn: sum('signedIn'), refused: sum('refused') }
}

type Total = ReturnType<typeof total>

const failedText = ({ refused }: Total) => (refused === 0 ? 'none failed' : `${refused.toLocaleString('en-US')} failed`)

function shareOf(day: Total | undefined): string | undefined {
  if (day === undefined) return undefined
  const all = day.signedIn + day.refused
  return all === 0 ? 'no sign-in' : `${((day.refused / all) * 100).toFixed(1)}% of ${all.toLocaleString('en-US')}`
}

function connectionDetail({ failing, neverUsed }: ConnectionCounts): string {
  const count = (number: number) => number.toLocaleString('en-US')
  const failures = failing === 0 ? 'none failing' : `${count(failing)} not healthy`
  return neverUsed === 0 ? failures : `${failures}, ${count(neverUsed)} never used`
}

export function SignInCharts({ signIns }: { readonly signIns: SignInFacts | undefined }) {
  const signedIn = signIns?.lastHour.map((count) => ({
    startsAt: count.startsAt,
    values: [count.signedIn, count.refused],
  }))
  const failures = signIns?.lastDay.map(({ startsAt, refused }) => ({ startsAt, values: [refused] }))
  return (
    <div id="charts" class="cards halves" data-live>
      <Section id="sign-ins-chart" title="Sign-ins per 5 minutes, last hour">
        {signedIn === undefined ? (
          <p class="empty">not available</p>
        ) : (
          <BarChart
            caption="Sign-ins per 5 minutes over the last hour"
            series={[{ label: 'Signed in' }, { label: 'Failed', bad: true }]}
            bars={signedIn}
          />
        )}
      </Section>
      <Section id="failures-chart" title="Failures per hour, last 24 hours">
        {failures === undefined ? (
          <p class="empty">not available</p>
        ) : (
          <BarChart
            caption="Failed sign-ins per hour over the last 24 hours"
            series={[{ label: 'Failed', bad: true }]}
            bars={failures}
          />
        )}
      </Section>
    </div>
  )
}
