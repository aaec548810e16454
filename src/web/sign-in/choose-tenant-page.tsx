/** `/login` when nothing says which tenant: the email's domain tells. */
import { ErrorMessage, Field, Form, type FormTarget, type PageError } from '../../pages/form.tsx'
import { Monogram, renderLayout, type SignedIn } from '../../pages/layout.tsx'
import { ConnectionButtons } from './login-page.tsx'

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
        <p>Enter your work email to find your organization's sign-in page.</p>
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

export interface ChooseServedTenantPageProps {
  readonly app: { readonly name: string }
  readonly choices: readonly { readonly id: string; readonly name: string; readonly href: string }[]
  readonly signedIn?: SignedIn | undefined
}

/** Where an app serves several organizations and did not say which. */
export function chooseServedTenantPage({ app, choices, signedIn }: ChooseServedTenantPageProps): string {
  return renderLayout({
    ...{ title: `Sign in to ${app.name}`, signedIn },
    children: (
      <div class="card">
        <Monogram text={app.name} />
        <h1>Sign in to {app.name}</h1>
        <p>Choose your organization.</p>
        <ConnectionButtons
          connections={choices.map(({ id, name, href }) => ({ id, label: name, href, lastUsed: false }))}
        />
      </div>
    ),
  })
}
