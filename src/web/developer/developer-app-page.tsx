/** `/developer/apps/{id}`: an app's settings, client secrets and keys. */
import { AppLogo } from '../../pages/app-logo.tsx'
import { Form, Notice } from '../../pages/form.tsx'
import { renderLayout, type SignedIn, safeHref } from '../../pages/layout.tsx'
import { AppKeys, type PageKey } from './app-keys-section.tsx'
import { ClientSecrets, type PageSecrets } from './client-secrets-section.tsx'
import { AppFields, type AppFormProps } from './developer-app-form.tsx'
import { SecurityFields } from './developer-app-security.tsx'
import { FaultsSummary, Section, TextField } from './developer-fields.tsx'

export interface AppPageProps extends AppFormProps {
  readonly app: {
    readonly id: string
    readonly name: string
    readonly logoUri?: string | undefined
    readonly kindLabel: string
    readonly isService: boolean
    readonly isDisabled?: boolean | undefined
  }
  /** Grants that an app of its kind may have. */
  readonly possibleGrants?: readonly string[]
  readonly signingAlgorithms?: readonly string[]
  /** APIs whose scopes the app has, but which no operator allows it to request or call. */
  readonly closedApis?: readonly { readonly name: string; readonly scopes: readonly string[] }[]
  /** Name → address or id, to copy. */
  readonly addresses: readonly (readonly [label: string, value: string])[]
  /** Quick start. */
  readonly snippet: string
  /** Undefined where the app cannot keep one. */
  readonly secrets: PageSecrets | undefined
  readonly keys: readonly PageKey[]
  /** The page's own path: its forms are posted below it. */
  readonly path: string
  readonly backHref: string
  readonly now: Date
  /** What was typed into the forms of keys. */
  readonly typed?: Readonly<Record<string, string>> | undefined
  readonly notice?: string | undefined
  readonly supportUrl?: string | undefined
  readonly signedIn?: SignedIn | undefined
}

export function appPage(props: AppPageProps): string {
  const { app, path, faults, secrets, keys } = props
  return renderLayout({
    title: app.name,
    failed: faults.length > 0,
    supportUrl: props.supportUrl,
    signedIn: props.signedIn,
    wide: true,
    children: (
      <>
        <Notice text={props.notice} />
        <FaultsSummary faults={faults} />
        <Overview {...props} />
        <Restrictions {...props} />
        <Settings {...props} />
        {secrets !== undefined && <ClientSecrets {...props} secrets={secrets} />}
        {(secrets !== undefined || keys.length > 0) && <AppKeys {...props} allowed={secrets !== undefined} />}
        <Section id="delete" title="Delete app">
          <details open={faults.some(({ field }) => field === 'confirm')}>
            <summary>Users will no longer be able to sign in to it</summary>
            <Form target={{ action: `${path}/delete`, hidden: {} }}>
              <TextField name="confirm" label="Type the name of the app to confirm" hint={app.name} faults={faults} />
              <button type="submit" class="quiet">
                Delete app
              </button>
            </Form>
          </details>
        </Section>
      </>
    ),
  })
}

function Overview({ app, addresses, snippet, backHref }: AppPageProps) {
  return (
    <section class="card">
      <div class="person">
        <AppLogo app={app} />
        <div>
          <h1>{app.name}</h1>
          <p class="small">{app.kindLabel}</p>
        </div>
        <a class="button quiet" href={safeHref(backHref)}>
          Your apps
        </a>
      </div>
      <dl>
        {addresses.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>
              <code>{value}</code>
            </dd>
          </div>
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

/** What only an operator can change. */
function Restrictions({ app, closedApis = [] }: AppPageProps) {
  return (
    <>
      {app.isDisabled && (
        <div class="message">
          <p>
            <strong>An operator disabled this app</strong>
          </p>
          <p>Users cannot sign in to it, and its secrets, keys and tokens are rejected. Contact your administrator.</p>
        </div>
      )}
      {closedApis.map(({ name, scopes }) => (
        <div class="message" key={name}>
          <p>
            <strong>
              {name} is not available to this {app.isService ? 'service' : 'app'} yet
            </strong>
          </p>
          <p>
            It gets no tokens with {scopes.join(', ')} until an operator adds its client ID to the API (
            <code>{app.isService ? 'callableBy' : 'requestableBy'}</code> in gatehouse.yaml).
          </p>
        </div>
      ))}
    </>
  )
}

function Settings(props: AppPageProps) {
  const { app, values, scopes, faults } = props
  return (
    <Section id="settings" title="Settings">
      <Form target={{ action: props.path, hidden: {} }}>
        <AppFields
          {...{ values, scopes, faults }}
          people={!app.isService}
          mayBeWeb={values.kind === 'web'}
          hasLogo={app.logoUri !== undefined}
        />
        {values.security !== undefined && (
          <SecurityFields
            values={values.security}
            faults={faults}
            possibleGrants={props.possibleGrants ?? []}
            signingAlgorithms={props.signingAlgorithms ?? []}
            people={!app.isService}
            confidential={props.secrets !== undefined}
          />
        )}
        <button type="submit">Save</button>
      </Form>
    </Section>
  )
}
