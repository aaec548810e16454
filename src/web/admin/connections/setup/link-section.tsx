/** On the page of a connection: the link to its setup page. */
import type { ConnectionKey } from '../../../../broker/connections.ts'
import { type KnownSetupLink, setupLinkLifetimes } from '../../../../broker/health/setup-link.ts'
import { ActionForm, Form } from '../../../../pages/form.tsx'
import { Section } from '../../../../pages/parts.tsx'
import { Time } from '../../../../pages/time.tsx'
import { LifetimeChoice } from '../../sign-ins/link-parts.tsx'
import { setupLinkPath } from './paths.ts'

interface LinkSectionProps {
  readonly connection: ConnectionKey
  /** Name of the identity provider. */
  readonly label: string
  readonly link: KnownSetupLink | null
}

export const LinkSection = ({ connection, label, link }: LinkSectionProps) => (
  <Section id="setup-link" title="Setup page">
    <p class="small">
      A link shows the administrator of {label}, who need not sign in here, what to enter there, and lets them test the
      connection. It shows no secrets.
    </p>
    {link !== null && (
      <>
        <p role="status">
          A link works until <Time at={link.expiresAt} />. A new one replaces it.
        </p>
        <ActionForm action={`${setupLinkPath(connection)}/revoke`} label="Revoke the link" />
      </>
    )}
    <Form action={setupLinkPath(connection)}>
      <LifetimeChoice lifetimes={setupLinkLifetimes} />
      <button type="submit" class="quiet">
        Create a setup link
      </button>
    </Form>
  </Section>
)
