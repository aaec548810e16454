/** "Forgot password?": asks where to send the link. */
import { ErrorMessage, Field, Form, type FormTarget, type PageError } from '../../pages/form.tsx'
import { Monogram, type PageTenant, renderLayout, safeHref } from '../../pages/layout.tsx'

export interface RequestResetPageProps {
  readonly tenant: PageTenant
  readonly form: FormTarget
  readonly email?: string | undefined
  readonly signInHref: string
  readonly error?: PageError | undefined
  readonly supportUrl?: string | undefined
}

export function requestResetPage({
  tenant,
  form,
  email,
  signInHref,
  error,
  supportUrl,
}: RequestResetPageProps): string {
  return renderLayout({
    title: `Forgot your password? – ${tenant.name}`,
    failed: error !== undefined,
    supportUrl,
    children: (
      <div class="card">
        <Monogram text={tenant.name} />
        <h1>Forgot your password?</h1>
        <p>Enter your email and we'll send you a link to reset your password for {tenant.name}.</p>
        <ErrorMessage error={error} />
        <Form target={form}>
          <Field name="email" label="Email" autocomplete="username" value={email} error={error} invalid autofocus />
          <button type="submit">Send link</button>
        </Form>
        <p class="aside">
          <a href={safeHref(signInHref)}>Back to sign-in</a>
        </p>
      </div>
    ),
  })
}
