/**
 * Shown after a sign-in whose email belongs to an existing user: its owner proves that by signing
 * in as before.
 */

import type { ProofReason } from '../../../broker/identity/resolve-user.ts'
import { Form, type FormTarget } from '../../../pages/form.tsx'
import { type PageTenant, renderCard, type SignedIn } from '../../../pages/layout.tsx'
import { Aside, QuietButton, Reference } from '../../../pages/parts.tsx'
import { domainOf } from '../../../profile/profile.ts'
import { type ConnectionButton, ConnectionButtons } from './login-page.tsx'

export interface LinkingPageProps {
  readonly tenant: PageTenant
  readonly email: string
  /** Label of the connection just used, such as "Okta". */
  readonly newLabel: string
  /** See `proofReasons`. */
  readonly why: ProofReason
  /** Connections of the email's owner. */
  readonly connections: readonly ConnectionButton[]
  readonly brandStyles?: string | undefined
  /** Continues as a new user, if the email of the other user is not verified. */
  readonly decline?: FormTarget | undefined
  readonly backHref: string
  /** Reference by which support finds the trace. */
  readonly reference: string
  readonly signedIn?: SignedIn | undefined
}

export function linkingPage(props: LinkingPageProps): string {
  const { tenant, email, newLabel, connections, decline, signedIn } = props
  return renderCard({
    title: 'This email is already in use',
    tenant,
    signedIn,
    styles: props.brandStyles,
    children: (
      <>
        <p>
          An existing user at {tenant.name} has <strong>{email}</strong>, and {newLabel} alone cannot prove that this is
          you: {reasonOf(props)}
        </p>
        <p>
          <strong>Is it you?</strong> Sign in once with the method you used before. We then connect {newLabel} to your
          account, and you can use either method.
        </p>
        <ConnectionButtons connections={connections} />
        {decline === undefined ? (
          <p class="small">Not you, or you did not just sign in with {newLabel}? Go back. Nothing was changed.</p>
        ) : (
          <Decline target={decline} newLabel={newLabel} />
        )}
        <Aside href={props.backHref} label="Choose another way to sign in" />
        <div class="reference">
          <p>If you contact support, quote this reference:</p>
          <Reference text={props.reference} />
        </div>
      </>
    ),
  })
}

function reasonOf({ why, tenant, newLabel, email }: LinkingPageProps): string {
  const domain = domainOf(email)
  switch (why) {
    case 'unverified':
      return `${newLabel} does not say whether it has verified this address.`
    case 'foreign domain':
      return `${newLabel} has verified the address, but does not manage addresses at ${domain}.`
    case 'domain unproven':
      return `${tenant.name} has not verified yet that it owns ${domain}, so ${newLabel} cannot confirm addresses there.`
    case 'existing user unproven':
      return `${newLabel} has verified the address, but the other user's address was never verified.`
    case 'unlinked':
      return `it was removed from that account, so it must be added again.`
    default:
      return why satisfies never
  }
}

function Decline({ target, newLabel }: { readonly target: FormTarget; readonly newLabel: string }) {
  return (
    <>
      <p>
        <strong>Is it someone else?</strong> Create a separate account with {newLabel}. It cannot be combined with the
        other one later.
      </p>
      <Form {...target}>
        <QuietButton label="Create a separate account" />
      </Form>
    </>
  )
}
