/** `/account/security/devices`: browsers that are not asked for a second factor. */
import type { RememberedDevice } from '../../../broker/ports/authenticators.ts'
import { withQuery } from '../../../http/destination.ts'
import { Labelled, LinkButton } from '../../../pages/parts.tsx'
import { Time } from '../../../pages/time.tsx'
import { type AccountViewer, accountLayout } from '../account-layout.tsx'
import { confirmPage } from '../confirm-page.tsx'
import { devicesPath, securityPath } from './paths.ts'

export interface ListedDevice
  extends Pick<RememberedDevice, 'id' | 'device' | 'createdAt' | 'expiresAt' | 'lastUsedAt'> {
  readonly current: boolean
}

export interface DevicesPageProps {
  readonly viewer: AccountViewer
  /** Newest first. */
  readonly devices: readonly ListedDevice[]
  readonly notice?: string | undefined
  readonly now: Date
}

export function devicesPage({ viewer, devices, notice, now }: DevicesPageProps): string {
  return accountLayout({
    section: 'security',
    viewer,
    notice,
    back: { href: securityPath, label: 'Security' },
    title: 'Remembered browsers',
    children: (
      <section class="card">
        {devices.length === 0 ? (
          <p>No browser is remembered. You can choose it when you enter your second factor.</p>
        ) : (
          <>
            <p>
              You are not asked for a second factor in these browsers. Your password or other sign-in is still needed.
            </p>
            <ul class="sessions">
              {devices.map((device) => (
                <DeviceRow key={device.id} device={device} now={now} />
              ))}
            </ul>
          </>
        )}
        {devices.length > 1 && <LinkButton href={`${devicesPath}/forget-all`} label="Forget all" quiet />}
      </section>
    ),
  })
}

function DeviceRow({ device, now }: { readonly device: ListedDevice; readonly now: Date }) {
  return (
    <li>
      <div>
        <h2>
          {device.device} {device.current && <span class="badge">This browser</span>}
        </h2>
        <p class="small">
          <span class="whole">
            Last used <Time at={device.lastUsedAt} now={now} />,
          </span>{' '}
          <span class="whole">
            remembered <Time at={device.createdAt} now={now} />,
          </span>{' '}
          <span class="whole">
            until <Time at={device.expiresAt} />
          </span>
        </p>
      </div>
      <LinkButton
        href={withQuery(`${devicesPath}/forget`, { device: device.id })}
        label={<Labelled label="Forget" object={device.device} />}
        quiet
      />
    </li>
  )
}

interface ForgetPageProps {
  readonly viewer: AccountViewer
  readonly device: Pick<RememberedDevice, 'id' | 'device'>
}

export function forgetDevicePage({ viewer, device }: ForgetPageProps): string {
  return confirmPage({
    ...{ section: 'security', viewer, cancelHref: devicesPath },
    title: `Forget ${device.device}?`,
    label: 'Forget',
    action: `${devicesPath}/forget`,
    hidden: { device: device.id },
    children: <p>This browser is asked for your second factor at the next sign-in.</p>,
  })
}

export function forgetAllPage({ viewer }: Pick<ForgetPageProps, 'viewer'>): string {
  return confirmPage({
    ...{ section: 'security', viewer, cancelHref: devicesPath },
    title: 'Forget all remembered browsers?',
    label: 'Forget all',
    action: `${devicesPath}/forget-all`,
    children: <p>Each is asked for your second factor at the next sign-in.</p>,
  })
}
