/** `/developer/apps/{id}`: an app's settings, client secrets and keys. */

import { type Api, type App, mayAskFor, mayCallAsItself } from '../../app/app.ts'
import { Form, Notice } from '../../pages/form.tsx'
import { AppLogo, renderLayout, type SignedIn } from '../../pages/layout.tsx'
import { Fact, LinkButton, Message, QuietButton, Section } from '../../pages/parts.tsx'
import { AppKeys } from './app-keys-section.tsx'
import { ClientSecrets, type PageSecrets } from './client-secrets-section.tsx'
import { AppFields, type AppFormProps, kindLabel } from './developer-app-form.tsx'
import { FaultsSummary, TextField } from './developer-fields.tsx'
import { appPath, developerPath } from './paths.ts'
import { SecurityFields } from './security-fields.tsx'

export interface AppPageProps extends AppFormProps {
  readonly app: App
  readonly apis: readonly Api[]
  readonly signingAlgorithms: readonly string[]
  /** Name → address or id, to copy. */
  readonly addresses: readonly (readonly [label: string, value: string])[]
  readonly snippet: string
  /** Undefined where the app cannot keep one. */
  readonly secrets: PageSecrets | undefined
  /** Key or secret → when it was last used. */
  readonly uses: ReadonlyMap<string, Date>
  readonly now: Date
  /** What was typed into the forms of keys. */
  readonly typed?: Readonly<Record<string, string>> | undefined
  readonly notice?: string | undefined
  readonly supportUrl?: string | undefined
  readonly signedIn?: SignedIn | undefined
}

export function appPage(props: AppPageProps): string {
  const { app, faults, secrets, supportUrl, signedIn } = props
  const path = appPath(app.id)
  return renderLayout({
    title: app.name,
    supportUrl,
    signedIn,
    failed: faults.length > 0,
    wide: true,
    children: (
      <>
        <Notice text={props.notice} />
        <FaultsSummary faults={faults} />
        <Overview {...props} />
        <Restrictions {...props} />
        <Settings {...props} />
        {secrets !== undefined && <ClientSecrets {...props} secrets={secrets} path={path} />}
        {(secrets !== undefined || app.keys.length > 0) && <AppKeys {...props} allowed={secrets !== undefined} />}
        <Section id="delete" title="Delete app">
          <details open={faults.some(({ field }) => field === 'confirm')}>
            <summary>Users will no longer be able to sign in to it</summary>
            <Form action={`${path}/delete`}>
              <TextField
                {...{ values: {}, faults }}
                name="confirm"
                label="Type the name of the app to confirm"
                hint={app.name}
              />
              <QuietButton label="Delete app" />
            </Form>
          </details>
        </Section>
      </>
    ),
  })
}

function Overview({ app, addresses, snippet }: AppPageProps) {
  return (
    <section class="card">
      <div class="person">
        <AppLogo app={app} />
        <div>
          <h1>{app.name}</h1>
          <p class="small">{kindLabel(app)}</p>
        </div>
        <LinkButton href={developerPath} label="Your apps" quiet />
      </div>
      <dl>
        {addresses.map(([label, value]) => (
          <Fact key={label} label={label}>
            <code>{value}</code>
          </Fact>
        ))}
      </dl>
      <details>
        <summary>Quick start</summary>
        <pre>
          <code>{snippet}</code>
        </pre>
      </details>
    </section>
  )
}

/** APIs whose scopes the app has, but which no operator allows it to request or call. */
function closedApisOf(app: App, apis: readonly Api[]) {
  return apis
    .filter((api) => !(app.kind === 'service' ? mayCallAsItself(app, api) : mayAskFor(app, api)))
    .map(({ name, scopes }) => ({ name, scopes: app.scopes.filter((scope) => Object.hasOwn(scopes, scope)) }))
    .filter(({ scopes }) => scopes.length > 0)
}

/** What only an operator can change. */
function Restrictions({ app, apis }: AppPageProps) {
  const isService = app.kind === 'service'
  return (
    <>
      {app.disabledAt !== undefined && (
        <Message label="An operator disabled this app">
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

function Settings(props: AppPageProps) {
  const { app, values, faults, signingAlgorithms } = props
  return (
    <Section id="settings" title="Settings">
      <Form action={appPath(app.id)}>
        <AppFields {...props} kind={app.kind} hasLogo={app.logoUri !== undefined} />
        {values.security === 'shown' && (
          <SecurityFields
            {...{ values, faults, signingAlgorithms, kind: app.kind }}
            confidential={props.secrets !== undefined}
          />
        )}
        <button type="submit">Save</button>
      </Form>
    </Section>
  )
}
