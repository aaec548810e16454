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
  /** Code to begin with. */
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
            <summary>Code to begin with</summary>
            <pre>
              <code>{snippet}</code>
            </pre>
          </details>
        </section>
        {app.isDisabled === true && (
          <div class="message">
            <p>
              <strong>This app was switched off by an operator</strong>
            </p>
            <p>Nobody signs in with it, and its secrets, keys and tokens are rejected. Ask your administrator.</p>
          </div>
        )}
        {props.closedApis?.map(({ name, scopes }) => (
          <div class="message" key={name}>
            <p>
              <strong>
                {name} is not open to this {app.isService ? 'service' : 'app'} yet
              </strong>
            </p>
            <p>
              It gets no tokens with {scopes.join(', ')} until an operator names its client ID there (
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
        <Section id="delete" title="Delete this app">
          <details open={faults.some(({ field }) => field === 'confirm')}>
            <summary>Nobody can sign in with it from then on</summary>
            <Form target={{ action: `${path}/delete`, hidden: none }}>
              <TextField name="confirm" label="Type the name of the app" hint={`It is ${app.name}`} faults={faults} />
              <button type="submit" class="quiet">
                Delete the app
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
        Your server sends one with its requests for tokens. Keep it there, and in no repository, app or page. A key is
        better still: it never leaves your server.
      </p>
      {list.length > 0 && (
        <ul class="sessions">
          {list.map((secret, index) => (
            <li key={secret.id}>
              <div>
                <h3>
                  {list.length === 1 ? 'Secret' : index === 0 ? 'The new secret' : 'The one before'}, made{' '}
                  <Time at={secret.createdAt} />
                </h3>
                {secret.text !== undefined && (
                  <details open>
                    <summary>The secret</summary>
                    <code>{secret.text}</code>
                  </details>
                )}
                <p class="small">
                  <Used at={secret.lastUsedAt} now={now} />
                  {secret.expiresAt !== undefined && (
                    <>
                      , works until <Time at={secret.expiresAt} />
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
          To see secrets, <a href={safeHref(signInAgainHref)}>sign in again</a>: then we know that it is you.
        </p>
      )}
      {showHref !== undefined && signInAgainHref === undefined && (
        <p>
          <a href={safeHref(showHref)}>Show {list.length === 1 ? 'the secret' : 'the secrets'}</a>
        </p>
      )}
      <Faults of="secret" faults={faults} />
      {list.length >= 2 && (
        <p class="small">Two live at once, no more: revoke one, or wait for its end, to make another.</p>
      )}
      {list.length < 2 && (
        <Form target={{ action: `${path}/secrets`, hidden: none }}>
          {!isNew && (
            <div class="field">
              <label for="overlap">The one there is works for another</label>
              <select id="overlap" name="overlap">
                <option value="604800">7 days</option>
                <option value="86400">1 day</option>
                <option value="2592000">30 days</option>
                <option value="0">moment: it ends at once</option>
              </select>
            </div>
          )}
          <button type="submit" class="quiet">
            {isNew ? 'Make a secret' : 'Make a new secret'}
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
        Your server proves who it is by a short token it signs (private_key_jwt), at the token endpoint and when it
        calls our API. We keep public keys only. Several may live at once.
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
        <p class="small">They are good for nothing: whoever runs this app has what it holds. It uses PKCE alone.</p>
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
        <summary>Make a key here</summary>
        <p class="small">
          The private key is downloaded as a file, this once: we do not keep it. A download leaves this page as it is:
          then <a href={`${path}?notice=key#keys`}>show the list with the new key</a>.
        </p>
        <Form target={{ action: `${path}/keys/generate`, hidden: none }}>
          <TextField name="madeName" label="Name of the key" value={typed['madeName'] ?? ''} faults={faults} />
          <button type="submit" class="quiet">
            Make a key and download it
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
        <summary>Publish keys at an address of yours</summary>
        <Form target={{ action: `${path}/keys/set`, hidden: none }}>
          <TextField
            name="jwksUrl"
            label="JWKS URL"
            value={typed['jwksUrl'] ?? ''}
            hint="https address of your key set. We fetch it when it is needed, and again when a new key appears."
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
