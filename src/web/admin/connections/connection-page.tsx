/** One connection: what is wrong, its last probe, its figures, and what to register upstream. */
import type { Administrator } from '../../../broker/access/target.ts'
import type { StateName } from '../../../broker/health/connection-state.ts'
import type { Finding } from '../../../broker/health/findings.ts'
import { fixerOf } from '../../../broker/health.ts'
import type { KnownHealth } from '../../../broker/ports/health.ts'
import { ActionForm, Notice } from '../../../pages/form.tsx'
import { Fact, Section, SourceLink } from '../../../pages/parts.tsx'
import { Scroll } from '../../../pages/scroll.tsx'
import { formatMs } from '../../../pages/sizes.ts'
import { Time } from '../../../pages/time.tsx'
import { capitalized } from '../../../primitives/capitalized.ts'
import type { HealthCheck } from '../../../provider/provider.ts'
import { renderAdminPage } from '../admin-layout.tsx'
import { CreatedLink } from '../sign-ins/link-parts.tsx'
import type { NewLink } from '../sign-ins/new-link.ts'
import { Changes } from './connection-changes.tsx'
import type { ConnectionDetail } from './connection-detail.ts'
import { Failures, Steps } from './connection-figures.tsx'
import { type ConnectionNotice, connectionHref } from './connections-query.ts'
import { Rechecks } from './rechecks.tsx'
import { LinkSection } from './setup/link-section.tsx'
import { CheckedAt, Expiries, Problem, StateBadge, SuccessRate } from './state-parts.tsx'

export interface ConnectionPageProps extends ConnectionDetail {
  readonly by: Administrator
  readonly notice: ConnectionNotice | undefined
  /** New link to the setup page, shown only once. */
  readonly newLink?: NewLink | undefined
  readonly mayShare: boolean
  readonly now: Date
}

export function connectionPage(props: ConnectionPageProps): string {
  const { by, listed, figures, urls, guide, expiries, changes, rechecks, probedBy, upstream, notice, newLink, now } =
    props
  const { named, state, findings, health, last } = listed
  const { tenant, connection, label, kind } = named
  return renderAdminPage({
    section: 'connections',
    title: label,
    by,
    tenant,
    children: (
      <>
        <Notice text={notice && noticeText(notice, health, now)} />
        {newLink !== undefined && <CreatedLink {...newLink} to="the setup page" />}
        <Section id="state" title="State">
          <dl>
            <Fact label="State">
              <StateBadge state={state} />
            </Fact>
            <Fact label="Connection">
              <code>{connection}</code> <span class="small">({kind})</span>
            </Fact>
            <Fact label="Last sign-in">
              {last?.lastSignInAt === undefined ? 'never' : <Time at={last.lastSignInAt} now={now} />}
            </Fact>
            <Fact label="Expires">
              <Expiries expiries={expiries} now={now} />
            </Fact>
            <Fact label="Checked">
              <CheckedAt health={health} now={now} process={probedBy} />
            </Fact>
          </dl>
          {findings.map((finding) => (
            <FindingBox key={finding.title} finding={finding} shown={state} now={now} />
          ))}
          <ActionForm action={`${connectionHref(named)}/probe`} label="Probe now" object={connection} />
        </Section>
        <Section id="probe" title="Last probe">
          <Probe health={health} />
        </Section>
        <Section id="figures" title="Sign-ins">
          {figures === undefined ? (
            <p role="status">The store of sign-ins is unavailable.</p>
          ) : (
            <>
              <SuccessRate success={figures.success} />
              <Steps steps={figures.steps} />
            </>
          )}
        </Section>
        {figures !== undefined && (
          <Section id="failures" title="Failures of the last day">
            <Failures groups={figures.failures} label={label} now={now} />
          </Section>
        )}
        {rechecks !== undefined && (
          <Section id="rechecks" title="Re-checks of users">
            <Rechecks figures={rechecks} now={now} />
          </Section>
        )}
        <Section id="changes" title="Changes of the identity provider">
          <Changes changes={changes} now={now} />
        </Section>
        <Section id="register" title={`Register at ${upstream}`}>
          <dl>
            {urls.length === 0 && <Fact label="To register">Nothing: Gatehouse itself checks the users</Fact>}
            {urls.map(({ label: what, url }) => (
              <Fact key={what} label={capitalized(what)}>
                <code>{url}</code>
              </Fact>
            ))}
            {guide !== undefined && (
              <Fact label="Setup guide">
                <SourceLink file={guide} label={`Set up ${label}, step by step`} />
              </Fact>
            )}
          </dl>
        </Section>
        {props.mayShare && props.setupLink !== undefined && (
          <LinkSection connection={named} upstream={upstream} link={props.setupLink} />
        )}
      </>
    ),
  })
}

function noticeText(notice: ConnectionNotice, health: KnownHealth | undefined, now: Date): string {
  if (notice === 'link-revoked') return 'The link to the setup page no longer works.'
  if (notice === 'probed') return 'The connection was probed. The result is below.'
  const wait = 'Wait 10 s between probes.'
  if (health === undefined) return `A probe is under way. ${wait}`
  const seconds = Math.max(0, Math.round((now.getTime() - health.checkedAt.getTime()) / 1000))
  return `Probed ${seconds} s ago. ${wait}`
}

const sources = { probe: 'Last probe', 'sign-ins': 'Sign-ins', configuration: 'Configuration' } as const

interface FindingBoxProps {
  readonly finding: Finding
  /** The state that the card shows already. */
  readonly shown: StateName
  readonly now: Date
}

function FindingBox({ finding, shown, now }: FindingBoxProps) {
  return (
    <div class="finding">
      {finding.state !== shown && <StateBadge state={finding.state} />}
      <Problem finding={finding} now={now} />
      <p class="small">
        {sources[finding.source]}: {finding.evidence}
      </p>
    </div>
  )
}

function Probe({ health }: { readonly health: KnownHealth | undefined }) {
  if (health === undefined) return <p>No process has probed this connection yet.</p>
  return (
    <Scroll label="Checks of the last probe">
      <table class="records">
        <thead>
          <tr>
            <th scope="col">Check</th>
            <th scope="col">Result</th>
            <th scope="col">Finding</th>
            <th scope="col" class="number">
              Took
            </th>
          </tr>
        </thead>
        <tbody>
          {health.checks.map((check) => (
            <tr key={check.name + check.detail}>
              <th scope="row">{capitalized(check.name)}</th>
              <td data-label="Result">
                <CheckBadge check={check} />
              </td>
              <td data-label="Finding" class="problem">
                {check.detail}
                {(!check.ok || check.warning) && <p class="small">Who can fix it: {fixerOf(check)}</p>}
              </td>
              {check.tookMs === undefined ? (
                <td />
              ) : (
                <td data-label="Took" class="number">
                  {formatMs(check.tookMs)}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

function CheckBadge({ check: { ok, warning } }: { readonly check: HealthCheck }) {
  if (!ok) return <span class="state down">Failed</span>
  return warning ? <span class="state warning">Warning</span> : <span class="state healthy">Passed</span>
}
