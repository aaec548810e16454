/** The step before something of the account is changed that the user should not change by accident. */
import type { ComponentChildren } from 'preact'
import { ErrorMessage, Form, type FormTarget, type PageError } from '../../pages/form.tsx'
import { Aside, LinkButton } from '../../pages/parts.tsx'
import { type AccountLayoutProps, accountLayout } from './account-layout.tsx'

export interface ConfirmPageProps extends FormTarget, Pick<AccountLayoutProps, 'section' | 'viewer' | 'styles'> {
  /** A question, such as `Remove Google?`. */
  readonly title: string
  /** Of the button. */
  readonly label: string
  /** It deletes something for good. Default false. */
  readonly danger?: boolean
  readonly cancelHref: string
  /** Why the form was refused. */
  readonly error?: PageError | undefined
  /** In place of the form: the user has to sign in again first. */
  readonly signInAgainHref?: string | undefined
  /** What happens then, and fields of the form. */
  readonly children: ComponentChildren
}

export function confirmPage(props: ConfirmPageProps): string {
  const { title, label, danger, action, hidden, cancelHref, error, signInAgainHref, children, ...page } = props
  return accountLayout({
    ...page,
    title,
    failed: error !== undefined,
    children: (
      <section class="card">
        <ErrorMessage error={error} />
        {signInAgainHref === undefined ? (
          <Form action={action} {...(hidden !== undefined && { hidden })}>
            {children}
            <button type="submit" class={danger ? 'danger' : undefined}>
              {label}
            </button>
          </Form>
        ) : (
          <>
            <p>Confirm it's you first: your last sign-in is too long ago.</p>
            <LinkButton href={signInAgainHref} label="Sign in again" />
          </>
        )}
        <Aside href={cancelHref} label="Cancel" />
      </section>
    ),
  })
}
