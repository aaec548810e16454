/** Chromium's virtual authenticator (WebDriver BiDi's predecessor: DevTools, domain WebAuthn). */
import type { CDPSession, Page } from 'playwright-core'

export interface VirtualCredential {
  readonly credentialId: string
  readonly isResidentCredential: boolean
  readonly rpId?: string
  readonly privateKey: string
  readonly userHandle?: string
  readonly signCount: number
}

export interface VirtualAuthenticator {
  credentials(): Promise<readonly VirtualCredential[]>
  add(credential: VirtualCredential): Promise<void>
  remove(credentialId: string): Promise<void>
  /** Whether the user passes the fingerprint or PIN. */
  setVerified(isUserVerified: boolean): Promise<void>
  /** Whether the user touches it at once. */
  setPresent(enabled: boolean): Promise<void>
  readonly session: CDPSession
  readonly id: string
}

/** A platform authenticator with user verification and discoverable credentials. */
export async function addVirtualAuthenticator(page: Page, options: object = {}): Promise<VirtualAuthenticator> {
  const session = await page.context().newCDPSession(page)
  await session.send('WebAuthn.enable', { enableUI: false })
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      ctap2Version: 'ctap2_1',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
      ...options,
    },
  })
  return {
    session,
    id: authenticatorId,
    credentials: async () => {
      const { credentials } = await session.send('WebAuthn.getCredentials', { authenticatorId })
      return credentials as readonly VirtualCredential[]
    },
    add: async (credential) => {
      await session.send('WebAuthn.addCredential', { authenticatorId, credential })
    },
    remove: async (credentialId) => {
      await session.send('WebAuthn.removeCredential', { authenticatorId, credentialId })
    },
    setVerified: async (isUserVerified) => {
      await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified })
    },
    setPresent: async (enabled) => {
      await session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled })
    },
  }
}
