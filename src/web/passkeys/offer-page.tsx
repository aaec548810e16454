/** After a password sign-in: offers to create a passkey. */
import { passkeyScriptPaths } from '../../pages/assets.ts'
import { ErrorMessage, Form, type PageError } from '../../pages/form.tsx'
import { type PageTenant, renderCard } from '../../pages/layout.tsx'
import { QuietButton } from '../../pages/parts.tsx'
import { CreateForm } from './passkeys-page.tsx'
import { offerPath } from './paths.ts'

export interface OfferPageProps {
  readonly tenant: PageTenant
  /** Destination of the sign-in. */
  readonly returnTo: string
  readonly error?: PageError | undefined
}

export function offerPage({ tenant, returnTo, error }: OfferPageProps): string {
  const hidden = { return_to: returnTo }
  return renderCard({
    title: 'Sign in faster next time',
    tenant,
    failed: error !== undefined,
    scriptPaths: passkeyScriptPaths,
    children: (
      <>
        <ErrorMessage error={error} />
        <p>
          Create a passkey, and sign in with your fingerprint, face or screen lock next time. There is no password to
          type, and it cannot be phished.
        </p>
        <CreateForm hidden={hidden} silently={error === undefined} />
        <Form action={offerPath} hidden={hidden}>
          <QuietButton label="Not now" />
        </Form>
      </>
    ),
  })
}
