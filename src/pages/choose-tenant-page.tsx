/** `/login` when nothing says which tenant: the email's domain tells. */
import { ErrorMessage, Field, Form, type FormTarget, type PageError } from './form.tsx'
import { renderLayout } from './layout.tsx'

export interface ChooseTenantForm extends FormTarget {
  readonly email?: string | undefined
}

export interface ChooseTenantPageProps {
  readonly form: ChooseTenantForm
  readonly error?: PageError | undefined
  readonly supportUrl?: string | undefined
}

export function chooseTenantPage({ form, error, supportUrl }: ChooseTenantPageProps): string {
  return renderLayout({
    title: 'Sign in',
    failed: error !== undefined,
    supportUrl,
    children: (
      <div class="card">
        <h1>Sign in</h1>
        <p>Your work email tells us which organisation you belong to.</p>
        <ErrorMessage error={error} />
        <Form target={form}>
          <Field
            name="email"
            label="Work email"
            autocomplete="username"
            value={form.email}
            error={error}
            invalid
            autofocus
          />
          <button type="submit">Continue</button>
        </Form>
      </div>
    ),
  })
}
