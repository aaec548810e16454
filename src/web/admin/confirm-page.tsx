/** The step before an administrator changes something. */
import type { ComponentChildren } from 'preact'
import type { Administrator } from '../../broker/access/target.ts'
import { ErrorMessage, Form, type PageError } from '../../pages/form.tsx'
import { Aside, LinkButton } from '../../pages/parts.tsx'
import { renderAdminPage } from './admin-layout.tsx'
import type { Section } from './sections.ts'

export interface ConfirmPageProps {
  readonly section: Section
  readonly by: Administrator
  readonly tenant: string | undefined
  /** A question, such as `Block Ada Lovelace?`. */
  readonly title: string
  /** Label of the button. */
  readonly label: string
  /** The action is irreversible, or ends a user's access. Default false. */
  readonly danger?: boolean | undefined
  /** URL to which the form is posted. */
  readonly action: string
  readonly cancelHref: string
  /** Why the form was refused. */
  readonly error?: PageError | undefined
  /** URL to sign in again, in place of the form. */
  readonly signInAgainHref?: string | undefined
  /** Consequences of the action. */
  readonly children: ComponentChildren
}

export function renderConfirmPage(props: ConfirmPageProps): string {
  const { title, label, danger, action, cancelHref, error, signInAgainHref, children, ...page } = props
  return renderAdminPage({
    ...page,
    title,
    children: (
      <section class="card">
        <ErrorMessage error={error} />
        {children}
        {signInAgainHref === undefined ? (
          <Form action={action}>
            <button type="submit" class={danger ? 'danger' : undefined}>
              {label}
            </button>
          </Form>
        ) : (
          <>
            <p>For your security, sign in again.</p>
            <LinkButton href={signInAgainHref} label="Sign in again" />
          </>
        )}
        <Aside href={cancelHref} label="Cancel" />
      </section>
    ),
  })
}
