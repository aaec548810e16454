/** Sign-in by a code and a link that Gatehouse emails. The core emails, counts and uses them up. */
import type { Identity } from './login.ts'

/** Capability of a connection whose users prove a mailbox. */
export interface MailboxSupport {
  /** The identity that the owner of this canonical address has. */
  identify(email: string): Identity
}

/** The live codes and links of one connection. */
export interface MailedCodes {
  /**
   * The canonical address to which they were emailed; null if they do not belong together, or are
   * unknown, used or expired. Uses nothing up.
   * @param proof `code`: six digits; `link`: the secret of the link
   */
  find(challenge: string, proof: { readonly code: string } | { readonly link: string }): Promise<string | null>
}
