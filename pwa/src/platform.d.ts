/** What the build tells the app about the Python pack; undefined where no pack was built. */
declare const __PACK__: import('./python/pack').Pack | undefined
