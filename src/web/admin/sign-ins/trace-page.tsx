/** `/admin/sign-ins/:reference`: one sign-in, step by step. */
import type { Administrator } from '../../../broker/access/target.ts'
import type { Explanation } from '../../../broker/sign-ins/explanation.ts'
import type { Trace } from '../../../broker/trace.ts'
import { Form } from '../../../pages/form.tsx'
import { safeHref } from '../../../pages/layout.tsx'
import { Fact, Section } from '../../../pages/parts.tsx'
import { ExactTime } from '../../../pages/time.tsx'
import { renderAdminPage } from '../admin-layout.tsx'
import { elapsedText } from './elapsed-text.ts'
import { linkLifetimes } from './link-lifetimes.ts'
import { CreatedLink, LifetimeChoice } from './link-parts.tsx'
import type { NewLink } from './new-link.ts'
import { appPath, connectionPath, linksPath, signInsHref, userPath } from './paths.ts'
import { ChecksSection, Explained, OutcomeBadge, ReasonsSection, StepsSection } from './trace-sections.tsx'

export interface TracePageProps {
  readonly by: Administrator
  readonly trace: Trace
  readonly explanation: Explanation
  /** Title of the error page. */
  readonly shown?: string | undefined
  readonly connectionLabel: string
  /** Undefined: the connection is not in the configuration. */
  readonly hasConnection: boolean
  readonly guide?: { readonly file: string; readonly section: string } | undefined
  /** Failures of the tenant with the same cause in seven days. Undefined: not known. */
  readonly similar?: number | undefined
  /** Just created: shown this once. */
  readonly link?: NewLink | undefined
  readonly mayShare: boolean
}

export function tracePage(props: TracePageProps): string {
  const { by, trace, explanation, shown, guide, link, mayShare } = props
  return renderAdminPage({
    section: 'sign-ins',
    title: `Sign-in ${trace.reference}`,
    by,
    tenant: trace.tenant,
    children: (
      <>
        {link !== undefined && <CreatedLink {...link} to="this sign-in" />}
        <section class="card wide" aria-labelledby="explanation">
          <p>
            <OutcomeBadge outcome={trace.outcome} />
          </p>
          <div class="explained-facts">
            <Explained explanation={explanation} shown={shown} guide={guide} />
            <Facts {...props} />
          </div>
        </section>
        <StepsSection steps={trace.steps} />
        <ChecksSection steps={trace.steps} />
        <ReasonsSection reasons={trace.reasons} />
        <Related {...props} />
        {mayShare && <ShareSection reference={trace.reference} />}
      </>
    ),
  })
}

function Facts({ trace, connectionLabel, hasConnection }: TracePageProps) {
  const { reference, tenant, connection, startedAt, email, userId, app, code, steps } = trace
  const last = steps.at(-1)
  return (
    <dl>
      <Fact label="Reference">
        <code>{reference}</code>
      </Fact>
      <Fact label="Time">
        <ExactTime at={startedAt} />
        {last !== undefined && `, took ${elapsedText(last.atMs + last.tookMs)}`}
      </Fact>
      <Fact label="Tenant">{tenant}</Fact>
      <Fact label="Connection">
        {hasConnection ? <a href={safeHref(connectionPath(tenant, connection))}>{connectionLabel}</a> : connection}
      </Fact>
      {email !== undefined && <Fact label="Email">{email}</Fact>}
      {userId !== undefined && (
        <Fact label="User">
          <a href={safeHref(userPath(userId))}>{userId}</a>
        </Fact>
      )}
      {app !== undefined && (
        <Fact label="App">
          <a href={safeHref(appPath(app))}>{app}</a>
        </Fact>
      )}
      {code !== undefined && (
        <Fact label="Error code">
          <code>{code}</code>
        </Fact>
      )}
    </dl>
  )
}

function Related({ trace, explanation, connectionLabel, hasConnection, similar }: TracePageProps) {
  const { tenant, connection, email, userId } = trace
  const { cause } = explanation
  const filter = { tenant, period: '7d' }
  return (
    <Section id="related" title="Related">
      <ul class="limits">
        {cause !== undefined && (
          <li>
            <a href={safeHref(signInsHref({ ...filter, cause }))}>Other failures with the same cause</a>
            {similar !== undefined && `: ${similar} in seven days`}
          </li>
        )}
        <li>
          <a href={safeHref(signInsHref({ ...filter, connection }))}>Sign-ins through {connectionLabel}</a>
        </li>
        {(userId ?? email) !== undefined && (
          <li>
            <a href={safeHref(signInsHref({ tenant, ...(userId === undefined ? { email } : { user: userId }) }))}>
              All sign-ins of this user
            </a>
          </li>
        )}
        {hasConnection && (
          <li>
            <a href={safeHref(connectionPath(tenant, connection))}>State of {connectionLabel}</a>
          </li>
        )}
      </ul>
    </Section>
  )
}

const ShareSection = ({ reference }: Pick<Trace, 'reference'>) => (
  <Section id="share" title="Share">
    <p class="small">
      A link shows this sign-in to a person who cannot sign in: steps and checks, no email, no user and no text of the
      identity provider. It cannot be revoked; it expires.
    </p>
    <Form action={linksPath(reference)}>
      <LifetimeChoice lifetimes={linkLifetimes} />
      <button type="submit" class="quiet">
        Create a link
      </button>
    </Form>
  </Section>
)
