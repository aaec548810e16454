/** The steps before a credential is rotated or revoked. */
import type { AccountViewer } from '../account-layout.tsx'
import { confirmPage } from '../confirm-page.tsx'
import { settingsPath } from './paths.ts'

interface ConfirmationProps {
  readonly viewer: AccountViewer
  /** URL to which the form is posted. */
  readonly action: string
}

const place = { section: 'developer', cancelHref: settingsPath } as const

export interface RotatePageProps extends ConfirmationProps {
  /** Such as `the token “Nightly build”`. */
  readonly object: string
  readonly kind: 'token' | 'secret'
  /** Set if the user has to sign in again first. */
  readonly signInAgainHref?: string | undefined
}

const overlaps = [
  ['0', 'Ends now'],
  ['86400', 'Works for 1 more day'],
  ['604800', 'Works for 7 more days'],
  ['2592000', 'Works for 30 more days'],
] as const

export function rotatePage({ object, kind, signInAgainHref, ...confirmation }: RotatePageProps): string {
  return confirmPage({
    ...place,
    ...confirmation,
    signInAgainHref,
    title: `Rotate ${object}?`,
    label: `Rotate ${kind}`,
    children: (
      <>
        <p>You get a new {kind} in place of this one. Programs need the new one.</p>
        <fieldset>
          <legend>The old {kind}</legend>
          {overlaps.map(([value, label]) => (
            <label key={value} class="choice">
              <input type="radio" name="overlap" value={value} checked={value === '0'} />
              <span>{label}</span>
            </label>
          ))}
        </fieldset>
      </>
    ),
  })
}

interface SignInPageProps extends Omit<ConfirmationProps, 'action'> {
  readonly title: string
  readonly signInAgainHref: string
}

export function signInPage(props: SignInPageProps): string {
  return confirmPage({ ...place, ...props, action: settingsPath, label: '', children: null })
}

export interface RevokePageProps extends ConfirmationProps {
  readonly object: string
  /** Object of "programs that use …", such as "any of them". Default "it". */
  readonly used?: string
}

export function revokePage({ object, used = 'it', ...confirmation }: RevokePageProps): string {
  return confirmPage({
    ...place,
    ...confirmation,
    title: `Revoke ${object}?`,
    label: 'Revoke',
    danger: true,
    children: <p>Programs that use {used} stop working at once. You cannot undo this.</p>,
  })
}
