/** The passkeys of the signed-in user: list, create, rename. */
import { passkeyScriptPaths } from '../../pages/assets.ts'
import { ActionForm, ErrorMessage, Field, Form, type PageError } from '../../pages/form.tsx'
import { safeHref } from '../../pages/layout.tsx'
import { Aside, LinkButton } from '../../pages/parts.tsx'
import { Time } from '../../pages/time.tsx'
import { capitalized } from '../../primitives/capitalized.ts'
import { type AccountLayoutProps, accountLayout } from '../account/account-layout.tsx'
import { PasskeyForm, type PasskeySignal, PasskeySignals, WithoutPasskeys } from './passkey-form.tsx'
import { creationOptionsPath, passkeyPath, passkeysPath } from './paths.ts'

export interface ListedPasskey {
  readonly id: string
  readonly name: string
  /** Name of its model, such as "iCloud Keychain", if it differs from the name. */
  readonly model?: string | undefined
  readonly synced: boolean
  /** Added before a password reset or an undo, and not confirmed since. Default false. */
  readonly suspended?: boolean
  readonly createdAt: Date
  readonly lastUsedAt?: Date | undefined
}

export interface PasskeysPageProps extends Pick<AccountLayoutProps, 'viewer' | 'notice'> {
  readonly passkeys: readonly ListedPasskey[]
  /** Whether the tenant lets users sign in with one, or only confirm a sign-in. */
  readonly signsIn: boolean
  /** Why none can be created. */
  readonly refusal?: string | undefined
  readonly signal?: PasskeySignal | undefined
  /** Set when the last sign-in is too old for changes. */
  readonly signInAgainHref?: string | undefined
  readonly error?: PageError | undefined
  readonly now: Date
}

const back = { href: '/account/security', label: 'Security' }

export function passkeysPage(props: PasskeysPageProps): string {
  const { viewer, notice, passkeys, signsIn, error, now } = props
  return accountLayout({
    section: 'security',
    viewer,
    notice,
    back,
    title: 'Passkeys',
    failed: error !== undefined,
    scriptPaths: passkeyScriptPaths,
    children: (
      <section class="card">
        <p>
          {signsIn
            ? 'Sign in with your fingerprint, face or screen lock instead of a password. A passkey works only on the real site, so it cannot be phished.'
            : 'Confirm your sign-in with your fingerprint, face or screen lock. A passkey works only on the real site, so it cannot be phished.'}
        </p>
        <ErrorMessage error={error} />
        {passkeys.length === 0 ? (
          <p class="small">You have no passkeys yet.</p>
        ) : (
          <List passkeys={passkeys} now={now} />
        )}
        <Create {...props} />
        <PasskeySignals signal={props.signal} />
      </section>
    ),
  })
}

/** Asks for a new sign-in only once the user begins. */
function Create({ refusal, signInAgainHref, passkeys }: PasskeysPageProps) {
  if (refusal !== undefined) return <p>{refusal}</p>
  if (signInAgainHref === undefined) return <CreateForm />
  const label = passkeys.length === 0 ? 'Create a passkey' : 'Create another passkey'
  return <LinkButton href={signInAgainHref} label={label} quiet />
}

function List({ passkeys, now }: Pick<PasskeysPageProps, 'passkeys' | 'now'>) {
  return (
    <ul class="sessions">
      {passkeys.map(({ id, name, model, synced, suspended = false, createdAt, lastUsedAt }) => (
        <li key={id}>
          <div>
            <h2>
              {name} {suspended && <span class="badge warning">Suspended</span>}
            </h2>
            <p class="small">
              {capitalized(
                [model, synced ? 'synced between your devices' : 'on one device only'].filter(Boolean).join(', '),
              )}
            </p>
            <p class="small">
              Created <Time at={createdAt} now={now} />,{' '}
              {lastUsedAt === undefined ? (
                'not used yet'
              ) : (
                <>
                  last used <Time at={lastUsedAt} now={now} />
                </>
              )}
            </p>
            {suspended && (
              <p>
                Someone else may have added it, so it does not sign in by itself. Confirm it if it is yours, or remove
                it.
              </p>
            )}
          </div>
          {suspended && <ActionForm action={passkeyPath(id, 'confirm')} label="Confirm" object={name} />}
          <a class="button quiet" href={safeHref(passkeyPath(id))}>
            Change<span class="unseen"> {name}</span>
          </a>
        </li>
      ))}
    </ul>
  )
}

interface CreateFormProps {
  readonly hidden?: Readonly<Record<string, string>>
  readonly silently?: boolean
}

export function CreateForm({ hidden, silently = false }: CreateFormProps) {
  return (
    <>
      <PasskeyForm
        action={passkeysPath}
        options={creationOptionsPath}
        ceremony="create"
        silently={silently}
        {...(hidden !== undefined && { hidden })}
      >
        <button type="submit">Create a passkey</button>
      </PasskeyForm>
      <WithoutPasskeys>
        Creating a passkey needs JavaScript and a browser with passkeys. Your other sign-in methods work without them.
      </WithoutPasskeys>
    </>
  )
}

export interface PasskeyPageProps extends Pick<AccountLayoutProps, 'viewer'> {
  readonly passkey: Pick<ListedPasskey, 'id' | 'name'>
  readonly error?: PageError | undefined
}

/** Renames one passkey, and leads to its removal. */
export function passkeyPage({ viewer, passkey: { id, name }, error }: PasskeyPageProps): string {
  return accountLayout({
    section: 'security',
    viewer,
    back: { href: passkeysPath, label: 'Passkeys' },
    title: name,
    failed: error !== undefined,
    children: (
      <section class="card">
        <Form action={passkeyPath(id, 'rename')}>
          <Field
            name="name"
            label="Name"
            autocomplete="off"
            value={name}
            hint="Helps you to tell your passkeys apart, such as “Work laptop”."
          />
          <button type="submit">Save</button>
        </Form>
        <Aside href={passkeyPath(id, 'remove')} label="Remove this passkey" />
      </section>
    ),
  })
}
