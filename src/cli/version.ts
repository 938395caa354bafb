declare const PACKAGE_VERSION: string | undefined;

/** The package's version, put in by the bundler (scripts/build/bundle.mjs). */
export const version = typeof PACKAGE_VERSION === 'string' ? PACKAGE_VERSION : 'development';
