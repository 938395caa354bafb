{
  "targets": [
    {
      "target_name": "cloudstack-netns",
      "sources": [
        "<!@(node -p \"require('fs').readdirSync('native', { recursive: true }).map(String).filter((file) => /^(codec|json|kernel|addon)\\/.*\\.cpp$/.test(file)).sort().map((file) => 'native/' + file).join(' ')\")"
      ],
      "include_dirs": ["native", "<!@(node -p \"require('node-addon-api').include_dir\")"],
      "defines": [
        "NAPI_VERSION=8",
        "NAPI_DISABLE_CPP_EXCEPTIONS",
        "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"
      ],
      "cflags": ["-O2", "-fvisibility=hidden", "-Wall", "-Wextra"],
      "cflags!": ["-O3"],
      "cflags_cc": ["-std=c++20", "-fno-exceptions", "-fvisibility-inlines-hidden"],
      "cflags_cc!": ["-std=gnu++17", "-std=gnu++20"]
    }
  ]
}
