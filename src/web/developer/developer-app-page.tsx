/** One app, for its developer: how it signs people in, its settings, its secrets and its keys. */
import { AppLogo } from '../../pages/app-logo.tsx'
import { Form, Notice } from '../../pages/form.tsx'
import { renderLayout, type SignedIn, safeHref } from '../../pages/layout.tsx'
import { Time } from '../../pages/time.tsx'
import { AppFields, type AppFormProps } from './developer-app-form.tsx'
import { SecurityFields } from './developer-app-security.tsx'
import { FaultsSummary, LinesField, type PageFault, Section, TextField } from './developer-fields.tsx'

export interface PageSecret {
  readonly id: string
  readonly createdAt: Date
  /** When it stops working, for the older one of two. */
  readonly expiresAt?: Date | undefined
  readonly lastUsedAt?: Date | undefined
  /** Itself, where it was asked for. */
  readonly text?: string | undefined
}

export interface PageKey {
  readonly id: string
  readonly name: string
  /** Where the app publishes its keys; absent for a key of its own. */
  readonly jwksUrl?: string | undefined
  readonly createdAt: Date
  readonly lastUsedAt?: Date | undefined
}

export interface AppPageProps extends AppFormProps {
  readonly app: {
    readonly id: string
    readonly name: string
    readonly mark?: string | undefined
    readonly kindLabel: string
    readonly isService: boolean
    readonly isDisabled?: boolean | undefined
  }
  /** Grants that an app of its kind may have. */
  readonly possibleGrants?: readonly string[]
  readonly signingAlgorithms?: readonly string[]
  /** APIs whose scopes the app has and that no operator lets it request, or call in its own name. */
  readonly closedApis?: readonly { readonly name: string; readonly scopes: readonly string[] }[]
  /** Name → address or id, to copy. */
  readonly addresses: readonly (readonly [label: string, value: string])[]
  /** Quick start. */
  readonly snippet: string
  /** Undefined where the app cannot keep one. */
  readonly secrets:
    | {
        readonly list: readonly PageSecret[]
        /** Absent when they are shown already. */
        readonly showHref?: string | undefined
        /** Where to sign in again first. */
        readonly signInAgainHref?: string | undefined
      }
    | undefined
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

const none = {}

export function appPage(props: AppPageProps): string {
  const { app, path, faults, addresses, snippet } = props
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
        <section class="card">
          <div class="person">
            <AppLogo app={app} />
            <div>
              <h1>{app.name}</h1>
              <p class="small">{app.kindLabel}</p>
            </div>
            <a class="button quiet" href={safeHref(props.backHref)}>
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
        {app.isDisabled === true && (
          <div class="message">
            <p>
              <strong>An operator disabled this app</strong>
            </p>
            <p>
              Users cannot sign in to it, and its secrets, keys and tokens are rejected. Contact your administrator.
            </p>
          </div>
        )}
        {props.closedApis?.map(({ name, scopes }) => (
          <div class="message" key={name}>
            <p>
              <strong>
                {name} is not available to this {app.isService ? 'service' : 'app'} yet
              </strong>
            </p>
            <p>
              It gets no tokens with {scopes.join(', ')} until an operator adds its client ID to the API (
              <code>{app.isService ? 'callableBy' : 'askableBy'}</code> in gatehouse.yaml).
            </p>
          </div>
        ))}
        <Section id="settings" title="Settings">
          <Form target={{ action: path, hidden: none }}>
            <AppFields
              {...{ values: props.values, scopes: props.scopes, faults }}
              people={!app.isService}
              mayBeWeb={props.values.kind === 'web'}
              hasLogo={app.mark !== undefined}
            />
            {props.values.security !== undefined && (
              <SecurityFields
                values={props.values.security}
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
        {props.secrets !== undefined && <Secrets {...props} secrets={props.secrets} />}
        {(props.secrets !== undefined || props.keys.length > 0) && <Keys {...props} />}
        <Section id="delete" title="Delete app">
          <details open={faults.some(({ field }) => field === 'confirm')}>
            <summary>Users will no longer be able to sign in to it</summary>
            <Form target={{ action: `${path}/delete`, hidden: none }}>
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

function Secrets({
  secrets,
  path,
  faults,
  now,
}: AppPageProps & { readonly secrets: NonNullable<AppPageProps['secrets']> }) {
  const { list, showHref, signInAgainHref } = secrets
  const isNew = list.length === 0
  return (
    <Section id="secrets" title="Client secrets">
      <p class="small">
        Your server sends the secret when it requests tokens. Keep it out of repositories and client code. A key is
        safer: it never leaves your server.
      </p>
      {list.length > 0 && (
        <ul class="sessions">
          {list.map((secret, index) => (
            <li key={secret.id}>
              <div>
                <h3>
                  {list.length === 1 ? 'Secret' : index === 0 ? 'New secret' : 'Previous secret'}, created{' '}
                  <Time at={secret.createdAt} />
                </h3>
                {secret.text !== undefined && (
                  <details open>
                    <summary>Secret</summary>
                    <code>{secret.text}</code>
                  </details>
                )}
                <p class="small">
                  <Used at={secret.lastUsedAt} now={now} />
                  {secret.expiresAt !== undefined && (
                    <>
                      , valid until <Time at={secret.expiresAt} />
                    </>
                  )}
                </p>
              </div>
              <Remove
                action={`${path}/secrets/revoke`}
                field="secret"
                id={secret.id}
                label="Revoke"
                object="this secret"
              />
            </li>
          ))}
        </ul>
      )}
      {signInAgainHref !== undefined && (
        <p class="small">
          For your security, <a href={safeHref(signInAgainHref)}>confirm it's you</a> to view secrets.
        </p>
      )}
      {showHref !== undefined && signInAgainHref === undefined && (
        <p>
          <a href={safeHref(showHref)}>Show {list.length === 1 ? 'the secret' : 'the secrets'}</a>
        </p>
      )}
      <Faults of="secret" faults={faults} />
      {list.length >= 2 && <p class="small">You can have two active secrets. Revoke one to create another.</p>}
      {list.length < 2 && (
        <Form target={{ action: `${path}/secrets`, hidden: none }}>
          {!isNew && (
            <div class="field">
              <label for="overlap">Keep the current secret valid for</label>
              <select id="overlap" name="overlap">
                <option value="604800">7 days</option>
                <option value="86400">1 day</option>
                <option value="2592000">30 days</option>
                <option value="0">No time: revoke it immediately</option>
              </select>
            </div>
          )}
          <button type="submit" class="quiet">
            {isNew ? 'Create secret' : 'Create new secret'}
          </button>
        </Form>
      )}
    </Section>
  )
}

function Keys(props: AppPageProps) {
  const { keys, path, now, secrets } = props
  return (
    <Section id="keys" title="App keys">
      <p class="small">
        Your server authenticates with a short-lived JWT that it signs (private_key_jwt), at the token endpoint and in
        API calls. We store public keys only. An app can have several keys.
      </p>
      {keys.length > 0 && (
        <ul class="sessions">
          {keys.map((key) => (
            <li key={key.id}>
              <div>
                <h3>{key.name}</h3>
                <p class="small">
                  <code>{key.jwksUrl ?? key.id}</code>
                </p>
                <p class="small">
                  Added <Time at={key.createdAt} />, <Used at={key.lastUsedAt} now={now} small />
                </p>
              </div>
              <Remove
                action={`${path}/keys/remove`}
                field="key"
                id={key.id}
                label="Remove"
                object={`the key ${key.name}`}
              />
            </li>
          ))}
        </ul>
      )}
      {secrets === undefined ? (
        <p class="small">Not used: a public client cannot keep a key confidential. The app uses PKCE.</p>
      ) : (
        <NewKeys {...props} />
      )}
    </Section>
  )
}

function NewKeys({ keys, path, faults, typed = {} }: AppPageProps) {
  const isFaulty = (field: string) => faults.some((fault) => fault.field === field)
  return (
    <>
      <details open={keys.length === 0 || isFaulty('madeName')}>
        <summary>Create a key</summary>
        <p class="small">
          The private key downloads as a file, once: we do not store it. After the download,{' '}
          <a href={`${path}?notice=key#keys`}>show the new key in the list</a>.
        </p>
        <Form target={{ action: `${path}/keys/generate`, hidden: none }}>
          <TextField name="madeName" label="Name of the key" value={typed['madeName'] ?? ''} faults={faults} />
          <button type="submit" class="quiet">
            Create and download key
          </button>
        </Form>
      </details>
      <details open={isFaulty('key')}>
        <summary>Upload a public key</summary>
        <Form target={{ action: `${path}/keys/upload`, hidden: none }}>
          <TextField name="uploadedName" label="Name of the key" value={typed['uploadedName'] ?? ''} faults={faults} />
          <LinesField
            name="key"
            label="Public key"
            value={typed['key'] ?? ''}
            rows={5}
            hint="PEM (-----BEGIN PUBLIC KEY-----) or one JWK: RSA of 2048 bits or more, EC P-256, P-384, P-521, or Ed25519."
            faults={faults}
          />
          <button type="submit" class="quiet">
            Upload
          </button>
        </Form>
      </details>
      <details open={isFaulty('jwksUrl')}>
        <summary>Use a JWKS URL</summary>
        <Form target={{ action: `${path}/keys/set`, hidden: none }}>
          <TextField
            name="jwksUrl"
            label="JWKS URL"
            value={typed['jwksUrl'] ?? ''}
            hint="https URL of your key set. We fetch it when needed, and again when a token names a new key."
            faults={faults}
          />
          <button type="submit" class="quiet">
            Use these keys
          </button>
        </Form>
      </details>
    </>
  )
}

function Faults({ of, faults }: { readonly of: string; readonly faults: readonly PageFault[] }) {
  const own = faults.filter(({ field }) => field === of)
  return own.length === 0 ? null : (
    <ul class="fault">
      {own.map(({ message }) => (
        <li key={message}>{message}</li>
      ))}
    </ul>
  )
}

function Used({ at, now, small }: { readonly at: Date | undefined; readonly now: Date; readonly small?: boolean }) {
  if (at === undefined) return <>{small ? 'not used yet' : 'Not used yet'}</>
  return (
    <>
      {small ? 'last used' : 'Last used'} <Time at={at} now={now} />
    </>
  )
}

interface RemoveProps {
  readonly action: string
  readonly field: string
  readonly id: string
  readonly label: string
  /** For those who do not see what the button stands beside. */
  readonly object: string
}

function Remove({ action, field, id, label, object }: RemoveProps) {
  return (
    <Form target={{ action, hidden: { [field]: id } }}>
      <button type="submit" class="quiet">
        {label}
        <span class="unseen"> {object}</span>
      </button>
    </Form>
  )
}
