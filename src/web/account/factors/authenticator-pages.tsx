/** The pages of authenticator apps: the list, the setup, and the steps before a change. */
import { maxNameLength } from '../../../broker/factors/authenticators.ts'
import type { TotpEnrollment } from '../../../broker/factors/enroll-totp.ts'
import type { Totp } from '../../../broker/ports/authenticators.ts'
import { ErrorMessage, Form, type PageError } from '../../../pages/form.tsx'
import { safeHref } from '../../../pages/layout.tsx'
import { Aside } from '../../../pages/parts.tsx'
import { Time } from '../../../pages/time.tsx'
import { type AccountViewer, accountLayout } from '../account-layout.tsx'
import { confirmPage } from '../confirm-page.tsx'
import { authenticatorPath, securityPath, totpPath } from './paths.ts'
import { CodeField, TotpSecret } from './totp-setup.tsx'

const section = 'security'
const back = { href: securityPath, label: 'Security' }

export type ListedApp = Pick<Totp, 'id' | 'name' | 'createdAt' | 'lastUsedAt'>

export interface AuthenticatorsPageProps {
  readonly viewer: AccountViewer
  readonly apps: readonly ListedApp[]
  /** Why none can be added. */
  readonly refusal?: string | undefined
  readonly notice?: string | undefined
  readonly now: Date
}

export function authenticatorsPage({ viewer, apps, refusal, notice, now }: AuthenticatorsPageProps): string {
  return accountLayout({
    ...{ section, viewer, back, notice },
    title: 'Authenticator app',
    children: (
      <section class="card">
        <p>
          An app on your phone shows a code of six digits, which changes every 30 seconds. You enter it after your
          sign-in.
        </p>
        {apps.length > 0 && (
          <ul class="sessions">
            {apps.map((app) => (
              <AppRow key={app.id} app={app} now={now} />
            ))}
          </ul>
        )}
        {refusal === undefined ? (
          <Form action={totpPath}>
            <button type="submit">{apps.length === 0 ? 'Set up an authenticator app' : 'Add another app'}</button>
          </Form>
        ) : (
          <p>{refusal}</p>
        )}
      </section>
    ),
  })
}

function AppRow({ app: { id, name, createdAt, lastUsedAt }, now }: { readonly app: ListedApp; readonly now: Date }) {
  return (
    <li>
      <div>
        <h2>{name}</h2>
        <p class="small">
          Added <Time at={createdAt} now={now} />,{' '}
          {lastUsedAt === undefined ? (
            'not used yet'
          ) : (
            <>
              last used <Time at={lastUsedAt} now={now} />
            </>
          )}
        </p>
      </div>
      <div class="row-actions">
        <a class="button quiet" href={safeHref(authenticatorPath(id, 'rename'))}>
          Rename<span class="unseen"> {name}</span>
        </a>
        <a class="button quiet" href={safeHref(authenticatorPath(id, 'remove'))}>
          Remove<span class="unseen"> {name}</span>
        </a>
      </div>
    </li>
  )
}

export interface SetupPageProps {
  readonly viewer: AccountViewer
  readonly enrollment: TotpEnrollment
  /** Name that was entered before a wrong code. */
  readonly name?: string | undefined
  readonly error?: PageError | undefined
}

export function setupPage({ viewer, enrollment, name, error }: SetupPageProps): string {
  return accountLayout({
    ...{ section, viewer },
    back: { href: totpPath, label: 'Authenticator app' },
    title: 'Set up an authenticator app',
    failed: error !== undefined,
    children: (
      <section class="card">
        <ErrorMessage error={error} />
        <TotpSecret enrollment={enrollment} />
        <Form action={`${totpPath}/confirm`} hidden={{ enrollment: enrollment.enrollment }}>
          <CodeField
            label="Code from the app"
            hint="Six digits, which change every 30 seconds."
            errorId={error && 'error'}
            autofocus={error !== undefined}
          />
          <NameField value={name} optional />
          <button type="submit">Confirm</button>
        </Form>
        <Aside href={totpPath} label="Cancel" />
      </section>
    ),
  })
}

function NameField({ value, optional }: { readonly value?: string | undefined; readonly optional?: boolean }) {
  return (
    <div class="field">
      <label for="name">{optional ? 'Name (optional)' : 'Name'}</label>
      <input
        type="text"
        id="name"
        name="name"
        autocomplete="off"
        maxLength={maxNameLength}
        aria-describedby="name-hint"
        required={!optional}
        value={value}
      />
      <p class="hint" id="name-hint">
        Such as the phone that the app is on.
      </p>
    </div>
  )
}

export interface ChangePageProps {
  readonly viewer: AccountViewer
  readonly app: Pick<ListedApp, 'id' | 'name'>
  readonly error?: PageError | undefined
}

export function renamePage({ viewer, app: { id, name }, error }: ChangePageProps): string {
  return confirmPage({
    ...{ section, viewer, error },
    title: `Rename ${name}`,
    action: authenticatorPath(id, 'rename'),
    cancelHref: totpPath,
    label: 'Save',
    children: <NameField value={name} />,
  })
}

export interface RemovePageProps extends ChangePageProps {
  /** The user has no other second factor. */
  readonly isLast: boolean
  /** Passkeys stay, but nothing else asks for a second factor after the password. Default false. */
  readonly endsQuestion?: boolean
}

export function removePage({ viewer, app: { id, name }, isLast, endsQuestion, error }: RemovePageProps): string {
  return confirmPage({
    ...{ section, viewer, error },
    title: `Remove ${name}?`,
    action: authenticatorPath(id, 'remove'),
    cancelHref: totpPath,
    label: 'Remove',
    danger: true,
    children: (
      <>
        <p>Codes of this app will stop working. Remembered browsers will be asked for a second factor again.</p>
        {isLast && (
          <p>
            <strong>This is your only second factor.</strong> Your account is then protected by your sign-in alone, and
            your recovery codes end.
          </p>
        )}
        {endsQuestion && (
          <p>
            <strong>You are then no longer asked for a second factor after your password.</strong> This app is why you
            are asked. Your passkeys stay: you can still sign in with one, without your password.
          </p>
        )}
        <p>We'll email you a link that undoes this for 7 days.</p>
      </>
    ),
  })
}
