/** The questions before a credential of an app ends. */
import type { App, AppKey, ClientSecret } from '../../app/app.ts'
import { ConfirmCard, type ConfirmCardProps } from '../../pages/confirm-card.tsx'
import type { Viewer } from '../../pages/site/viewer.ts'
import { Time } from '../../pages/time.tsx'
import { LastUsed } from './developer-fields.tsx'
import { developerLayout } from './developer-layout.tsx'
import { appPath, appTabPath, developerPath } from './paths.ts'

export interface CredentialProps {
  readonly viewer: Viewer
  readonly app: Pick<App, 'id' | 'name'>
  readonly lastUsedAt: Date | undefined
  readonly now: Date
}

export function revokeSecretPage(props: CredentialProps & { readonly secret: ClientSecret }): string {
  const { app, secret, lastUsedAt, now } = props
  return confirmPage(props, {
    title: `Revoke a client secret of ${app.name}?`,
    label: 'Revoke secret',
    danger: true,
    action: `${appPath(app.id)}/secrets/revoke`,
    hidden: { secret: secret.id },
    children: (
      <>
        <p>
          Created <Time at={secret.createdAt} />. <LastUsed at={lastUsedAt} now={now} />.
        </p>
        <p>Servers that use this secret can no longer request tokens. You cannot undo this.</p>
      </>
    ),
  })
}

export function removeKeyPage(props: CredentialProps & { readonly appKey: AppKey }): string {
  const { app, appKey, lastUsedAt, now } = props
  return confirmPage(props, {
    title: `Remove the key ${appKey.name} of ${app.name}?`,
    label: 'Remove key',
    danger: true,
    action: `${appPath(app.id)}/keys/remove`,
    hidden: { key: appKey.id },
    children: (
      <>
        <p>
          Added <Time at={appKey.createdAt} />. <LastUsed at={lastUsedAt} now={now} />.
        </p>
        <p>Servers that sign with this key can no longer request tokens or call the API.</p>
      </>
    ),
  })
}

type Question = Omit<ConfirmCardProps, 'cancelHref'> & { readonly title: string }

function confirmPage({ viewer, app }: CredentialProps, { title, ...card }: Question): string {
  const credentials = appTabPath(app.id, 'credentials')
  return developerLayout({
    title,
    viewer,
    above: [
      { href: developerPath, label: 'Your apps' },
      { href: credentials, label: app.name },
    ],
    crumb: card.label,
    children: (
      <>
        <h1>{title}</h1>
        <ConfirmCard {...card} cancelHref={credentials} />
      </>
    ),
  })
}
