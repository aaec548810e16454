/** The theme: VitePress's own, with fonts of the system. */
import DefaultTheme from 'vitepress/theme-without-fonts'
import { searchOptions } from './search.ts'
import './style.css'

export default {
  extends: DefaultTheme,
  enhanceApp({ siteData }) {
    // functions in the configuration would need eval, which the content security policy forbids
    siteData.value.themeConfig.search.options = { miniSearch: { searchOptions } }
  },
}
