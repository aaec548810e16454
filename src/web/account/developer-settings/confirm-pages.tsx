/** The steps before a credential is rotated or revoked. */
import type { ComponentChildren } from 'preact'
import { Form } from '../../../pages/form.tsx'
import { type PageTenant, renderCard, type SignedIn, safeHref } from '../../../pages/layout.tsx'
import { Aside } from '../../../pages/parts.tsx'
import { settingsPath } from './paths.ts'

interface ConfirmationProps {
  readonly tenant: PageTenant
  readonly signedIn: SignedIn
  /** Where the form is posted. */
  readonly action: string
}

interface ConfirmPageProps extends ConfirmationProps {
  readonly title: string
  readonly label: string
  readonly children: ComponentChildren
}

function confirmPage({ tenant, signedIn, title, action, label, children }: ConfirmPageProps): string {
  return renderCard({
    title,
    tenant,
    signedIn,
    children: (
      <>
        <Form action={action}>
          {children}
          <button type="submit">{label}</button>
        </Form>
        <Aside href={settingsPath} label="Cancel" />
      </>
    ),
  })
}

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
  const title = `Rotate ${object}?`
  if (signInAgainHref !== undefined) return signInPage({ ...confirmation, title, signInAgainHref })
  return confirmPage({
    ...confirmation,
    title,
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

export function signInPage({ title, tenant, signedIn, signInAgainHref }: SignInPageProps): string {
  return renderCard({
    title,
    tenant,
    signedIn,
    children: (
      <>
        <p>Confirm it's you first: your last sign-in is too long ago.</p>
        <a class="button" href={safeHref(signInAgainHref)}>
          Sign in again
        </a>
        <Aside href={settingsPath} label="Cancel" />
      </>
    ),
  })
}

export interface RevokePageProps extends ConfirmationProps {
  readonly object: string
  /** What programs use, such as "any of them". Default "it". */
  readonly used?: string
}

export function revokePage({ object, used = 'it', ...confirmation }: RevokePageProps): string {
  return confirmPage({
    ...confirmation,
    title: `Revoke ${object}?`,
    label: 'Revoke',
    children: <p>Programs that use {used} stop working at once. You cannot undo this.</p>,
  })
}
