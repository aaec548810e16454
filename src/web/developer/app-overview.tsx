/** The first page of an app: what its developer copies, the next step, and a complete program. */
import { type Api, type App, mayAskFor, mayCallAsItself } from '../../app/app.ts'
import { ActionForm } from '../../pages/form.tsx'
import { safeHref } from '../../pages/layout.tsx'
import { CopyButton, Fact, Message, Section } from '../../pages/parts.tsx'
import { SecretValue } from '../../pages/secret-value.tsx'
import { Time } from '../../pages/time.tsx'
import type { PageSecrets } from './client-secrets-section.tsx'
import { appPath, appTabPath } from './paths.ts'
import type { Snippet } from './snippets/facts.ts'

export interface OverviewProps {
  readonly app: App
  readonly apis: readonly Api[]
  /** Name → address or id, to copy. */
  readonly addresses: readonly (readonly [label: string, value: string])[]
  readonly snippet: Snippet
  readonly secrets: PageSecrets | undefined
  readonly uses: ReadonlyMap<string, Date>
  /** Sign-ins of the last 30 days. */
  readonly signIns: number
  readonly now: Date
}

export function AppOverview(props: OverviewProps) {
  const { app, addresses, snippet, signIns, uses, now } = props
  const times = [...uses.values()].map((at) => at.getTime())
  return (
    <>
      <Restrictions {...props} />
      <NextStep {...props} />
      <Section id="facts" title="What your app needs">
        <dl>
          {addresses.map(([label, value], index) => (
            <Fact key={label} label={label}>
              <SecretValue id={`fact-${index}`} label={`the ${label}`} text={value} />
            </Fact>
          ))}
          <Fact label="Client secret">
            <SecretState {...props} />
          </Fact>
          {app.kind !== 'service' && (
            <Fact label="Redirect URIs">
              {app.redirectUris.length === 0 ? 'None' : <Lines lines={app.redirectUris} />}{' '}
              <a href={safeHref(appTabPath(app.id, 'settings'))}>Change</a>
            </Fact>
          )}
        </dl>
      </Section>
      <Section id="quick-start" title="Quick start">
        <p>{snippet.intro}</p>
        {snippet.files.map(({ name, text }, index) => (
          <div class="code" key={name}>
            <div class="code-head">
              <h3>
                <code>{name}</code>
              </h3>
              <CopyButton of={`file-${index}`} label={name} />
            </div>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled by keyboard */}
            <section class="sample" aria-label={name} tabIndex={0}>
              <pre id={`file-${index}`}>{text}</pre>
            </section>
          </div>
        ))}
      </Section>
      <Section id="activity" title="Activity">
        <dl>
          {app.kind !== 'service' && <Fact label="Sign-ins in 30 days">{signIns.toLocaleString('en-US')}</Fact>}
          {props.secrets !== undefined && (
            <Fact label="Credentials last used">
              {times.length === 0 ? 'Not yet' : <Time at={new Date(Math.max(...times))} now={now} />}
            </Fact>
          )}
          <Fact label="Registered">
            <Time at={app.createdAt} />
          </Fact>
        </dl>
      </Section>
    </>
  )
}

const Lines = ({ lines }: { readonly lines: readonly string[] }) => (
  <ul>
    {lines.map((line) => (
      <li key={line}>
        <code>{line}</code>
      </li>
    ))}
  </ul>
)

function SecretState({ app, secrets }: OverviewProps) {
  if (secrets === undefined) return <>None needed: the app uses PKCE</>
  const credentials = safeHref(appTabPath(app.id, 'credentials'))
  if (secrets.list.length > 0)
    return (
      <>
        Created. <a href={credentials}>Show or rotate it</a>
      </>
    )
  if (app.keys.length === 0) return <>None yet</>
  return (
    <>
      None: it signs with a key. <a href={credentials}>Show its keys</a>
    </>
  )
}

/** The step that the app still lacks; null for a complete app. */
function NextStep({ app, secrets }: OverviewProps) {
  if (secrets !== undefined && secrets.list.length === 0 && app.keys.length === 0)
    return (
      <div class="message next-step">
        <p>
          <strong>Next: create a client secret.</strong> Your server needs it to request tokens. Or{' '}
          <a href={safeHref(`${appTabPath(app.id, 'credentials')}#keys`)}>add a key</a>.
        </p>
        <ActionForm action={`${appPath(app.id)}/secrets`} label="Create client secret" />
      </div>
    )
  if ((app.kind === 'web' || app.kind === 'single-page') && app.redirectUris.length === 0)
    return (
      <div class="message next-step">
        <p>
          <strong>Next: add a redirect URI.</strong> Without one, users cannot return to the app.{' '}
          <a href={safeHref(appTabPath(app.id, 'settings'))}>Open settings</a>
        </p>
      </div>
    )
  return null
}

/** APIs whose scopes the app has, but which no operator allows it to request or call. */
function closedApisOf(app: App, apis: readonly Api[]) {
  return apis
    .filter((api) => !(app.kind === 'service' ? mayCallAsItself(app, api) : mayAskFor(app, api)))
    .map(({ name, scopes }) => ({ name, scopes: app.scopes.filter((scope) => Object.hasOwn(scopes, scope)) }))
    .filter(({ scopes }) => scopes.length > 0)
}

/** Settings that only an operator can change. */
function Restrictions({ app, apis }: OverviewProps) {
  const isService = app.kind === 'service'
  return (
    <>
      {app.disabledAt !== undefined && (
        <Message label="An operator disabled this app" warning>
          Users cannot sign in to it, and its secrets, keys and tokens are rejected. Contact your administrator.
        </Message>
      )}
      {closedApisOf(app, apis).map(({ name, scopes }) => (
        <Message key={name} label={`${name} is not available to this ${isService ? 'service' : 'app'} yet`}>
          It gets no tokens with {scopes.join(', ')} until an operator adds its client ID to the API (
          <code>{isService ? 'callableBy' : 'requestableBy'}</code> in gatehouse.yaml).
        </Message>
      ))}
    </>
  )
}
