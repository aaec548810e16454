/** An email that somebody has already: whoever has both proves it by signing in once the way they did before. */

import { Form, type FormTarget } from '../../pages/form.tsx'
import { Monogram, type PageTenant, renderLayout, type SignedIn, safeHref } from '../../pages/layout.tsx'
import { domainOf } from '../../profile/profile.ts'
import { type ConnectionButton, ConnectionButtons } from './login-page.tsx'

export interface LinkingPageProps {
  readonly tenant: PageTenant
  readonly email: string
  /** The gate just used, such as "Okta". */
  readonly newLabel: string
  /** Why that gate is not enough. */
  readonly why: 'unverified' | 'foreign domain' | 'domain unproven' | 'holder unproven' | 'unlinked'
  /** Those by which the person with this email signs in. */
  readonly connections: readonly ConnectionButton[]
  /** The way on for who has no other account, where nobody has proven the email. */
  readonly decline?: FormTarget | undefined
  readonly backHref: string
  /** Finds the trace. */
  readonly reference: string
  readonly supportUrl?: string | undefined
  readonly signedIn?: SignedIn | undefined
}

export function linkingPage(props: LinkingPageProps): string {
  const { tenant, email, newLabel, connections, decline } = props
  const title = 'This email is already in use'
  return renderLayout({
    title: `${title} – ${tenant.name}`,
    supportUrl: props.supportUrl,
    signedIn: props.signedIn,
    children: (
      <div class="card">
        <Monogram text={tenant.name} />
        <h1>{title}</h1>
        <p>
          Someone at {tenant.name} has <strong>{email}</strong>, and {newLabel} alone cannot prove that this is you:{' '}
          {reasonOf(props)}
        </p>
        <p>
          <strong>Is it you?</strong> Sign in the way you did before, this once. We then add {newLabel} to your ways to
          sign in, and from now on each of them leads to the same place.
        </p>
        <ConnectionButtons connections={connections} />
        {decline === undefined ? (
          <NotYouNotice newLabel={newLabel} />
        ) : (
          <Decline target={decline} newLabel={newLabel} />
        )}
        <p class="aside">
          <a href={safeHref(props.backHref)}>Choose another way to sign in</a>
        </p>
        <div class="reference">
          <p>When you ask for help, give this reference:</p>
          <code>{props.reference}</code>
        </div>
      </div>
    ),
  })
}

function reasonOf({ why, tenant, newLabel, email }: LinkingPageProps): string {
  const domain = domainOf(email)
  switch (why) {
    case 'unverified':
      return `${newLabel} does not say that it has checked whose address this is.`
    case 'foreign domain':
      return `${newLabel} has checked the address, but is not in charge of addresses at ${domain}.`
    case 'domain unproven':
      return `${tenant.name} has not shown yet that ${domain} is its own, so the word of ${newLabel} is not enough there.`
    case 'holder unproven':
      return `${newLabel} vouches for you, but nobody ever vouched for who came with this address before.`
    case 'unlinked':
      return `they once took this way to sign in away from their account, and it does not come back by itself.`
    default:
      return why satisfies never
  }
}

function NotYouNotice({ newLabel }: { readonly newLabel: string }) {
  return (
    <p class="small">
      Is it not you, or did you not just come from {newLabel}? Then go back: nothing was changed, and nothing will be.
    </p>
  )
}

function Decline({ target, newLabel }: { readonly target: FormTarget; readonly newLabel: string }) {
  return (
    <>
      <p>
        <strong>Is it somebody else?</strong> Then you can go on with {newLabel} alone. You get an account of your own,
        which nobody joins to the other one later.
      </p>
      <Form target={target}>
        <button type="submit" class="quiet">
          I have no other account
        </button>
      </Form>
    </>
  )
}
