/** Section of a user's page: the latest sign-ins, and where the user is signed in. */
import { fixFor } from '../../../broker/sign-ins/fixes.ts'
import type { Trace } from '../../../broker/trace.ts'
import { safeHref } from '../../../pages/layout.tsx'
import { Paging, pageOf } from '../../../pages/paging.tsx'
import { Aside, LinkButton, Section } from '../../../pages/parts.tsx'
import { Scroll } from '../../../pages/scroll.tsx'
import { Time } from '../../../pages/time.tsx'
import { truncate } from '../../../primitives/untrusted-text.ts'
import { signInsHref, tracePath } from '../sign-ins/paths.ts'
import { OutcomeBadge } from '../sign-ins/trace-sections.tsx'
import { QuietLink } from './action-link.tsx'
import { userActionPath, userPath } from './paths.ts'
import { shownItems, type UserSectionProps } from './user-section-props.ts'

export function SignIns({ record: { user, traces }, labelOf, now }: UserSectionProps) {
  return (
    <Section id="sign-ins" title="Latest sign-ins">
      {traces.length === 0 ? (
        <p class="small">None recorded.</p>
      ) : (
        <Scroll label="Table of sign-ins">
          <table class="records">
            <thead>
              <tr>
                <th scope="col">Time</th>
                <th scope="col">Connection</th>
                <th scope="col">Result</th>
                <th scope="col">Trace</th>
              </tr>
            </thead>
            <tbody>
              {traces.map((trace) => (
                <tr key={trace.reference}>
                  <td data-label="Time">
                    <Time at={trace.startedAt} now={now} />
                  </td>
                  <td data-label="Connection">{labelOf(trace.connection)}</td>
                  <td data-label="Result">
                    <Result trace={trace} />
                  </td>
                  <td data-label="Trace">
                    <a href={safeHref(tracePath(trace.reference))}>{trace.reference}</a>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      <Aside href={signInsHref({ tenant: user.tenant, user: user.id })} label="All sign-ins of this user" />
    </Section>
  )
}

function Result({ trace: { outcome, code, cause } }: { readonly trace: Trace }) {
  return (
    <>
      <OutcomeBadge outcome={outcome} /> {outcome === 'refused' && fixFor(cause ?? code ?? 'internal').title}
    </>
  )
}

export function Sessions({ record: { user, sessions }, labelOf, mayChange, sessionsPage, now }: UserSectionProps) {
  const page = pageOf(sessions, sessionsPage, shownItems)
  return (
    <Section id="sessions" title="Sessions">
      {sessions.length === 0 ? (
        <p class="small">No active sessions.</p>
      ) : (
        <Scroll label="Table of sessions">
          <table class="records">
            <thead>
              <tr>
                <th scope="col">Device</th>
                <th scope="col">Connection</th>
                <th scope="col">Active</th>
                <th scope="col">Signed in</th>
                <th scope="col">Ends</th>
                {mayChange && <th scope="col">Change</th>}
              </tr>
            </thead>
            <tbody>
              {page.items.map((session) => (
                <tr key={session.id}>
                  <th scope="row">{truncate(session.device, 60)}</th>
                  <td data-label="Connection">{labelOf(session.connection)}</td>
                  <td data-label="Active">
                    <Time at={session.lastSeenAt} now={now} />
                  </td>
                  <td data-label="Signed in">
                    <Time at={session.createdAt} />
                  </td>
                  <td data-label="Ends">
                    <Time at={session.expiresAt} />
                  </td>
                  {mayChange && (
                    <td>
                      <QuietLink
                        href={userActionPath(user.id, 'sessions/:item/end', session.id)}
                        label="End"
                        object={`the session of ${truncate(session.device, 60)}`}
                      />
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      <Paging page={page} label="sessions" hrefOf={(number) => `${userPath(user.id)}?sessions=${number}#sessions`} />
      {mayChange && sessions.length > 0 && (
        <LinkButton href={userActionPath(user.id, 'sessions/end')} label="End all sessions" quiet />
      )}
    </Section>
  )
}
