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
package dev.fusewright.core.modules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Somebody else's fusers, in a jar that is compiled here and knows nothing but the public
 * interface. Numbers are those of the acceptance table in spec/torch-fusion.md, §6.
 */
class CustomFuserTest {
  /** Adds (Conv2d, LeakyReLU), and overrides (Conv2d, ReLU). */
  private static final String SOURCE =
      """
      package com.example.fusers;

      import dev.fusewright.core.graph.Node;
      import dev.fusewright.core.modules.Fuser;
      import dev.fusewright.core.modules.FusionMode;
      import dev.fusewright.core.modules.ModuleSequence;
      import dev.fusewright.core.plan.Reason;
      import dev.fusewright.core.rule.Decision;
      import dev.fusewright.core.rule.Rewrite;
      import java.util.List;
      import java.util.Set;

      public final class ConvLeaky implements Fuser {
        @Override
        public String id() {
          return "conv-leaky";
        }

        @Override
        public Set<List<String>> sequences() {
          return Set.of(List.of("Conv2d", "LeakyReLU"), List.of("Conv2d", "ReLU"));
        }

        @Override
        public Decision<Rewrite> fuse(ModuleSequence modules, FusionMode mode) {
          Node conv = modules.calls().get(0).first();
          if (conv.intAttribute("group", 1) != 1) {
            return Decision.refuse(Reason.UNSUPPORTED_ATTRIBUTE, "'%s' has groups", conv.label());
          }
          return Decision.sound(
              Rewrite.of(modules.nodes()).into("ConvLeaky2d", modules.last().output()));
        }
      }
      """;

  private static final String GRAPH =
      """
      <ir_version: 7, opset_import: ["" : 13]>
      g (float[2,4,5,5] x) => (float[2,4,5,5] y)
      <float[4,4,1,1] "conv.weight" = random(1)>
      {
        ["/conv/Conv"] c = Conv(x, "conv.weight")
        ["/act/%1$s"] y = %1$s(c)
      }
      """;

  @TempDir private static Path folder;
  private static Path jar;

  @BeforeAll
  static void compile() throws IOException {
    Path source = folder.resolve("com/example/fusers/ConvLeaky.java");
    Files.createDirectories(Objects.requireNonNull(source.getParent()));
    Files.writeString(source, SOURCE);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    Path classes = Files.createDirectory(folder.resolve("classes"));
    int result =
        compiler.run(
            null,
            null,
            null,
            "-d",
            classes.toString(),
            "-classpath",
            System.getProperty("java.class.path"),
            source.toString());
    assertThat(result).isZero();
    jar = folder.resolve("fusers.jar");
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream entries = new JarOutputStream(out);
        Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        entries.putNextEntry(new JarEntry(classes.relativize(file).toString()));
        entries.write(Files.readAllBytes(file));
      }
      entries.putNextEntry(new JarEntry("META-INF/services/" + Fuser.class.getName()));
      entries.write("com.example.fusers.ConvLeaky".getBytes(StandardCharsets.UTF_8));
    }
  }

  private static URLClassLoader loader() throws IOException {
    return new URLClassLoader(
        new URL[] {jar.toUri().toURL()}, CustomFuserTest.class.getClassLoader());
  }

  @Test
  void number_37_a_fuser_that_the_service_loader_finds_adds_a_sequence() throws IOException {
    try (URLClassLoader loader = loader()) {
      Listing.with(Fusers.installed(loader), GRAPH.formatted("LeakyRelu"), "[\"conv\", \"act\"]")
          .makes("ConvLeaky2d");
    }
    Listing.refused(GRAPH.formatted("LeakyRelu"), "[\"conv\", \"act\"]")
        .saying("did not find fuser method for: (Conv2d, LeakyReLU)");
  }

  @Test
  void a_fuser_that_is_named_by_its_class_overrides_a_default() throws IOException {
    try (URLClassLoader loader = loader()) {
      Listing listing =
          Listing.with(
              Fusers.builtIn().with("com.example.fusers.ConvLeaky", loader),
              GRAPH.formatted("Relu"),
              "[\"conv\", \"act\"]");
      listing.makes("ConvLeaky2d");
      assertThat(listing.plan().fusions()).extracting("rule").isEqualTo(List.of("conv-leaky"));
    }
    Listing.eval(GRAPH.formatted("Relu"), "[\"conv\", \"act\"]").makes("ConvReLU2d");
  }

  @Test
  void a_refusal_of_a_custom_fuser_is_one_of_the_list() throws IOException {
    try (URLClassLoader loader = loader()) {
      String grouped =
          GRAPH
              .formatted("Relu")
              .replace("Conv(", "Conv<group=4>(")
              .replace("[4,4,1,1]", "[4,1,1,1]");
      assertThatThrownBy(
              () -> Listing.with(Fusers.installed(loader), grouped, "[\"conv\", \"act\"]"))
          .isInstanceOf(ModuleListException.class)
          .hasMessageContaining("group 1 [conv, act]: '/conv/Conv' has groups");
    }
  }

  @Test
  void a_class_that_is_missing_or_no_fuser_is_named() {
    ClassLoader loader = CustomFuserTest.class.getClassLoader();
    assertThatThrownBy(() -> Fusers.builtIn().with("com.example.Nothing", loader))
        .hasMessage("there is no class com.example.Nothing on the classpath");
    assertThatThrownBy(() -> Fusers.builtIn().with("java.lang.String", loader))
        .hasMessageContaining("java.lang.String does not implement");
  }
}
