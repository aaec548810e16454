/** `/login` for an unknown tenant: the domain of the email selects it. */
import { ErrorMessage, Field, Form, type FormTarget, type PageError } from '../../../pages/form.tsx'
import { Monogram, renderCard, type SignedIn } from '../../../pages/layout.tsx'
import { ConnectionButtons } from './login-page.tsx'

export interface ChooseTenantPageProps {
  readonly form: FormTarget
  readonly email?: string | undefined
  readonly error?: PageError | undefined
}

export function chooseTenantPage({ form, email, error }: ChooseTenantPageProps): string {
  return renderCard({
    title: 'Sign in',
    failed: error !== undefined,
    children: (
      <>
        <p>Enter your work email to find your organization's sign-in page.</p>
        <ErrorMessage error={error} />
        <Form {...form}>
          <Field
            name="email"
            label="Work email"
            autocomplete="username"
            {...{ value: email, error }}
            invalid
            autofocus
          />
          <button type="submit">Continue</button>
        </Form>
      </>
    ),
  })
}

export interface ChooseServedTenantPageProps {
  readonly app: { readonly name: string }
  readonly choices: readonly { readonly id: string; readonly name: string; readonly href: string }[]
  readonly signedIn?: SignedIn | undefined
}

/** Page for a request of an app that serves several organizations and names none. */
export function chooseServedTenantPage({ app, choices, signedIn }: ChooseServedTenantPageProps): string {
  const connections = choices.map(({ id, name, href }) => ({ id, label: name, href, lastUsed: false }))
  return renderCard({
    title: `Sign in to ${app.name}`,
    logo: <Monogram text={app.name} />,
    signedIn,
    children: (
      <>
        <p>Choose your organization.</p>
        <ConnectionButtons connections={connections} />
      </>
    ),
  })
}
