/** `/account/email`: the user proves their own address. */
import { ActionForm, Form } from '../../../pages/form.tsx'
import { Aside } from '../../../pages/parts.tsx'
import { type AccountViewer, accountLayout } from '../account-layout.tsx'
import { confirmPage } from '../confirm-page.tsx'
import { emailPath } from './paths.ts'

interface EmailPageProps {
  readonly viewer: AccountViewer
  readonly email: string
}

const back = { href: '/account', label: 'Profile' }

export function sendVerificationPage({ viewer, email }: EmailPageProps): string {
  return confirmPage({
    section: 'profile',
    viewer,
    title: 'Verify your email address?',
    label: 'Send the link',
    action: emailPath,
    cancelHref: '/account',
    children: (
      <p>
        We email a link to <strong>{email}</strong>. Open it in this browser.
      </p>
    ),
  })
}

export function verificationSentPage({ viewer, email }: EmailPageProps): string {
  return accountLayout({
    section: 'profile',
    viewer,
    back,
    title: 'Check your email',
    children: (
      <section class="card">
        <p>
          A link is on its way to <strong>{email}</strong>. It works once, within an hour, where you are signed in.
        </p>
        <ActionForm action={emailPath} label="Send again" />
      </section>
    ),
  })
}

/** Behind the link: opening it alone changes nothing, since email scanners open links. */
export function verifyEmailPage({ viewer, email, code }: EmailPageProps & { readonly code: string }): string {
  return accountLayout({
    section: 'profile',
    viewer,
    back,
    title: 'Verify your email address',
    children: (
      <section class="card">
        <p>
          Is <strong>{email}</strong> your address? Apps then see it as verified.
        </p>
        <Form action={`${emailPath}/verify`} hidden={{ code }}>
          <button type="submit">Verify</button>
        </Form>
        <Aside href="/account" label="Cancel" />
      </section>
    ),
  })
}
