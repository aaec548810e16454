/** Apple's brand for buttons, and the setup steps for its administrator (setup.md has more). */
import type { Brand, Setup } from '../../src/provider/provider.ts'

const whiteButton = { fill: '#fff', border: '#000', text: '#000', hover: '#f2f2f2' }

export const appleBrand: Brand = {
  name: 'Apple',
  logo: new URL('./logo.svg', import.meta.url),
  // used only outside the button, which stays white
  logoDark: new URL('./logo-dark.svg', import.meta.url),
  callbackPlace: 'Identifiers → Services IDs → Sign in with Apple → Configure → Return URLs',
  // Apple permits white with outline in both modes:
  // https://developer.apple.com/design/human-interface-guidelines/sign-in-with-apple
  colors: { light: whiteButton, dark: whiteButton },
}

export const appleSetup: Setup = {
  needs: 'the Account Holder or an Admin of an Apple Developer Program membership',
  names: { callback: 'Return URLs', notifications: 'Server-to-Server Notification Endpoint' },
  steps: [
    {
      text: 'Open **Certificates, Identifiers & Profiles → Identifiers → App IDs** and create an App ID with the capability **Sign in with Apple**.',
    },
    {
      text: 'Under **Edit** of that capability, enter the **Server-to-Server Notification Endpoint**.',
      address: 'notifications',
    },
    {
      text: '**Identifiers → Services IDs → +**: enter an identifier, such as `com.acme.signin`. Enable **Sign in with Apple**, select **Configure**, then select the App ID.',
    },
    {
      text: 'Under **Domains and Subdomains**, enter the host of this address. Under **Return URLs**, enter the address exactly.',
      address: 'callback',
    },
    {
      text: '**Keys → +**: select **Sign in with Apple → Configure** and the App ID. **Download** the `.p8` file: Apple gives it once.',
    },
    {
      text: 'To send email to users who hide their address: **Services → Sign in with Apple for Email Communication**. Register the domain that email comes from.',
    },
  ],
  sendBack: [
    'Identifier of the **Services ID**',
    '**Team ID**, under **Membership details**',
    '**Key ID**',
    'The `.p8` file',
  ],
}
