/** Fetches an app's logo once, at registration, so that users' browsers never request it. */

import { AppRefused } from '../../app/draft.ts'
import { logoOf } from '../../app/logo.ts'

export interface AppLogos {
  /** Returns a `data:` URL. Throws AppRefused. */
  fetch(address: string): Promise<string>
}

export function appLogos(fetch: typeof globalThis.fetch): AppLogos {
  return {
    async fetch(address) {
      const answer = await fetch(address, { headers: { accept: 'image/*' } }).catch((cause: unknown) => {
        throw refused(
          'cannot be fetched: a public https address has to answer at once, with the image and no redirect',
          cause,
        )
      })
      if (answer.status !== 200) throw refused(`cannot be fetched: its address answers ${answer.status}`)
      const read = logoOf(new Uint8Array(await answer.arrayBuffer()))
      if (!read.ok) throw refused(read.wrong)
      return read.logoUri
    },
  }
}

function refused(message: string, cause?: unknown): AppRefused {
  return new AppRefused([{ field: 'logoUri', message }], { cause })
}
