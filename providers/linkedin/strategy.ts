/**
 * passport-linkedin-oauth2 with userinfo instead of /v2/me, which LinkedIn has refused since August
 * 2023 (auth0/passport-linkedin-oauth2#104).
 */
import { Strategy, type StrategyOption } from 'passport-linkedin-oauth2'

interface OAuth2 {
  get(url: string, accessToken: string, done: (fault: unknown, text: string) => void): void
}

export class LinkedInStrategy extends Strategy {
  // no #private: attempts are made by Object.create
  readonly userinfo: string
  declare protected readonly _oauth2: OAuth2

  constructor(options: StrategyOption, userinfo: string) {
    super(options, () => undefined)
    this.userinfo = userinfo
  }

  userProfile(accessToken: string, done: (fault?: unknown, profile?: object) => void): void {
    this._oauth2.get(this.userinfo, accessToken, (fault, text) =>
      fault ? done(fault) : done(undefined, { provider: 'linkedin', _json: JSON.parse(text) }),
    )
  }
}
