/*
 * Copyright the Fusewright authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except
 * in compliance with the License. You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License
 * is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
 * or implied. See the License for the specific language governing permissions and limitations under
 * the License.
 */
package dev.fusewright.deploy.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher in a locale that knows nothing but ASCII, among files whose names are not. */
final class LocaleIT {
  private static final Path HOME = Path.of(System.getProperty("fusewright.home"));
  private static final String LOST = "\uFFFD";
  private static final String NAME = "Gr\u00f6\u00dfe/\u6a21\u578b";

  /** In ASCII: what this JVM makes of other arguments is a matter of its own locale. */
  private static final String NAME_IN_SHELL =
      "$'Gr\\xc3\\xb6\\xc3\\x9fe'/$'\\xe6\\xa8\\xa1\\xe5\\x9e\\x8b'";

  @TempDir private Path folder;

  @Test
  void catalogue_and_fuse_find_and_write_names_with_umlauts_and_cjk() throws Exception {
    String catalogue =
        shell(
            """
            mkdir -p zoo/$(dirname NAME) bin
            cp "$MODEL" zoo/NAME.onnx
            cp "$LAUNCHER" bin/fusewright
            ln -s "$LIB" lib
            bin/fusewright catalogue 'zoo/**/*.onnx'
            """);
    assertThat(catalogue)
        .contains("\"id\":\"" + NAME + "\"", "zoo/" + NAME + ".onnx\"")
        .doesNotContain(LOST);

    String fused =
        shell(
            """
            bin/fusewright fuse zoo/NAME.onnx -o NAME-fused.onnx
            test -s NAME-fused.onnx
            rm lib
            """);
    assertThat(fused).contains(NAME + "-fused.onnx").doesNotContain(LOST);
  }

  /** What a script in that locale says on both of its streams. */
  private String shell(String script) throws IOException, InterruptedException {
    Path said = folder.resolve("said");
    ProcessBuilder builder =
        new ProcessBuilder("bash", "-euc", script.replace("NAME", NAME_IN_SHELL))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile());
    builder.environment().keySet().removeIf(variable -> variable.equals("LANG"));
    builder.environment().put("LC_ALL", "C");
    builder.environment().put("LAUNCHER", HOME.resolve("fusewright").toString());
    builder.environment().put("LIB", System.getProperty("fusewright.lib"));
    builder.environment().put("MODEL", HOME.resolve("src/models/mlp_bn.onnx").toString());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("XDG_CACHE_HOME", folder.resolve("no-cache/no").toString());
    int code = builder.start().waitFor();
    String text = Files.readString(said, StandardCharsets.UTF_8);
    assertThat(code).as(text).isZero();
    return text;
  }
}
