import { ErrorMessage, FixedEmail, Form, type PageError } from '../../../pages/form.tsx'
import { Aside, LinkButton } from '../../../pages/parts.tsx'
import { PasswordField } from '../../../pages/password-field.tsx'
import { type AccountViewer, accountLayout } from '../account-layout.tsx'
import { passwordPath } from './paths.ts'

export interface PasswordPageProps {
  readonly viewer: AccountViewer
  readonly email: string
  /** False: the user sets a first one. */
  readonly exists: boolean
  readonly rule: string
  readonly minimumLength: number
  /** The last sign-in proves the user: the current password is not asked for. */
  readonly isFresh: boolean
  /** URL to sign in again, for a first password without a recent sign-in. */
  readonly signInAgainHref: string
  /** The user was asked to change a short password at sign-in, and continues here. */
  readonly notNowHref?: string | undefined
  readonly returnTo?: string | undefined
  readonly error?: PageError | undefined
}

export function passwordPage(props: PasswordPageProps): string {
  const { viewer, exists, isFresh, notNowHref, signInAgainHref, error } = props
  return accountLayout({
    section: 'security',
    viewer,
    title: exists ? 'Change password' : 'Set a password',
    back: { href: '/account/security', label: 'Security' },
    failed: error !== undefined,
    children: (
      <section class="card">
        {notNowHref !== undefined && (
          <p>
            Your password is shorter than {viewer.tenant.name} now asks for. Choose a longer one, such as a few
            unrelated words.
          </p>
        )}
        <ErrorMessage error={error} />
        {exists || isFresh ? (
          <PasswordForm {...props} />
        ) : (
          <>
            <p>Confirm it's you first: your last sign-in is too long ago.</p>
            <LinkButton href={signInAgainHref} label="Sign in again" />
          </>
        )}
        <Aside href={notNowHref ?? '/account/security'} label={notNowHref === undefined ? 'Cancel' : 'Not now'} />
      </section>
    ),
  })
}

function PasswordForm({ email, exists, rule, minimumLength, isFresh, returnTo, error }: PasswordPageProps) {
  const hidden = { ...(returnTo !== undefined && { return_to: returnTo }) }
  const isCurrentWrong = error?.field === 'currentPassword'
  return (
    <Form action={passwordPath} hidden={hidden}>
      <FixedEmail email={email} />
      {exists && !isFresh && (
        <PasswordField
          name="currentPassword"
          label="Current password"
          autocomplete="current-password"
          error={error}
          invalid={isCurrentWrong}
          autofocus
        />
      )}
      <PasswordField
        name="password"
        label={exists ? 'New password' : 'Password'}
        autocomplete="new-password"
        hint={rule}
        error={error}
        invalid={error !== undefined && !isCurrentWrong}
        minimumLength={minimumLength}
        autofocus={!exists || isFresh}
      />
      {exists && (
        <label class="choice">
          <input type="checkbox" name="endOtherSessions" value="1" checked />
          <span>Sign out everywhere else, and end the access of apps</span>
        </label>
      )}
      <button type="submit">{exists ? 'Change password' : 'Set password'}</button>
    </Form>
  )
}
