/** On the page of a connection: the link to its setup page. */
import type { Administrator } from '../../../../broker/access/target.ts'
import type { ConnectionKey } from '../../../../broker/connections.ts'
import { type KnownSetupLink, setupLinkLifetimes } from '../../../../broker/health/setup-link.ts'
import { Form } from '../../../../pages/form.tsx'
import { LinkButton, Section } from '../../../../pages/parts.tsx'
import { Time } from '../../../../pages/time.tsx'
import { renderConfirmPage } from '../../confirm-page.tsx'
import { LifetimeChoice } from '../../sign-ins/link-parts.tsx'
import { connectionHref } from '../connections-query.ts'
import { setupLinkPath } from './paths.ts'

interface LinkSectionProps {
  readonly connection: ConnectionKey
  readonly upstream: string
  readonly link: KnownSetupLink | null
}

export const LinkSection = ({ connection, upstream, link }: LinkSectionProps) => (
  <Section id="setup-link" title="Setup page">
    <p class="small">
      With a link, the administrator of {upstream} sees what to enter there and can test the connection, without signing
      in here. It shows no secrets.
    </p>
    {link !== null && (
      <>
        <p role="status">
          A link works until <Time at={link.expiresAt} />. A new one replaces it.
        </p>
        <LinkButton href={`${setupLinkPath(connection)}/revoke`} label="Revoke the link" quiet />
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

interface RevokeLinkPageProps extends Pick<LinkSectionProps, 'connection'> {
  /** Name of the connection. */
  readonly label: string
  readonly by: Administrator
}

export const revokeLinkPage = ({ by, connection, label }: RevokeLinkPageProps): string =>
  renderConfirmPage({
    ...{ section: 'connections', by, tenant: connection.tenant },
    title: `Revoke the setup link of ${label}?`,
    label: 'Revoke the link',
    danger: true,
    action: `${setupLinkPath(connection)}/revoke`,
    cancelHref: connectionHref(connection),
    children: <p>It no longer opens the setup page.</p>,
  })
