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
package dev.fusewright.deploy.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import dev.fusewright.io.Formats;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Dependencies point one way: {@code deploy → pipeline → model-io → fusion-core}. What each package
 * must not know, {@link ContractsTest} says.
 */
class LayersTest {
  private static final String CORE = "dev.fusewright.core..";
  private static final String IO = "dev.fusewright.io..";
  private static final String PIPELINE = "dev.fusewright.pipeline..";
  private static final String DEPLOY = "dev.fusewright.deploy..";

  /** Where single formats are. */
  private static final String[] FORMATS =
      Formats.all().stream()
          .map(format -> format.getClass().getPackageName() + "..")
          .toArray(String[]::new);

  private static final JavaClasses CLASSES = OurClasses.ALL;

  /** A list of what is allowed, not of what is not: a new library in fusion-core is a decision. */
  @Test
  void fusion_core_knows_the_language_and_nothing_else() {
    classes()
        .that()
        .resideInAPackage(CORE)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            CORE,
            "java.lang..",
            "java.util..",
            "java.math..",
            "java.text..",
            "java.time..",
            "java.io",
            "java.nio",
            "java.nio.charset",
            "java.security",
            "org.jspecify.annotations..",
            "")
        .because("what fusion is must be usable, and testable, without any library")
        .check(CLASSES);
  }

  /**
   * Bytes come through a port that model-io implements; the recipes are part of the core itself.
   */
  @Test
  void fusion_core_never_touches_a_file_and_reads_one_resource() {
    noClasses()
        .that()
        .resideInAPackage(CORE)
        .and()
        .doNotHaveSimpleName("Recipes")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.io..", "java.nio.file..", "java.nio.channels..", "java.net..")
        .because("bytes come through the TensorSource port, which model-io implements")
        .check(CLASSES);
  }

  @Test
  void shape_inference_sees_graphs_and_tensors_alone() {
    classes()
        .that()
        .resideInAPackage("dev.fusewright.core.analysis.shape..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "dev.fusewright.core.analysis.shape..",
            "dev.fusewright.core.graph..",
            "dev.fusewright.core.tensor..",
            "java.lang..",
            "java.util..",
            "org.jspecify.annotations..",
            "")
        .because("whoever checks folds may ask it, since it cannot share their mistakes")
        .check(CLASSES);
  }

  @Test
  void model_io_knows_nothing_above_it() {
    noClasses()
        .that()
        .resideInAPackage(IO)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            PIPELINE,
            DEPLOY,
            "org.apache.beam..",
            "org.apache.flink..",
            "org.apache.avro..",
            "picocli..")
        .because("a checkpoint can be read and written without a pipeline")
        .check(CLASSES);
  }

  @Test
  void pipeline_knows_nothing_above_it() {
    noClasses()
        .that()
        .resideInAPackage(PIPELINE)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(DEPLOY)
        .allowEmptyShould(true)
        .because("the job does not know how it is deployed")
        .check(CLASSES);
  }

  @Test
  void generated_proto_classes_stay_inside_the_format() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.fusewright.io.onnx..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.fusewright.io.onnx.proto..", "com.google.protobuf..")
        .because("ONNX's wire format is known in one place; all others see a ModelGraph")
        .check(CLASSES);
  }

  @Test
  void a_format_is_named_by_the_list_of_formats_alone() {
    noClasses()
        .that()
        .resideOutsideOfPackages(FORMATS)
        .and()
        .doNotHaveFullyQualifiedName("dev.fusewright.io.Formats")
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(FORMATS)
                .and(not(simpleName("TensorFile").as("the reader of single tensors"))))
        .because("the next format is a package and a line in the list")
        .check(CLASSES);
  }

  @Test
  void no_format_knows_the_list() {
    noClasses()
        .that()
        .resideInAnyPackage("dev.fusewright.io.file..", "dev.fusewright.io.format..")
        .or()
        .resideInAnyPackage(FORMATS)
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.fusewright.io")
        .because("the list depends on what it lists")
        .check(CLASSES);
  }

  @Test
  void native_inference_stays_inside_the_runtime() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.fusewright.io.runtime..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("ai.onnxruntime..")
        .because("native code runs in a child process, where a crash costs one model")
        .check(CLASSES);
  }

  @Test
  void flink_is_known_to_its_own_package_and_to_the_deployment() {
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.fusewright.pipeline.flink..", DEPLOY)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.flink..", "org.apache.beam.runners..")
        .because("another runner is one more package")
        .check(CLASSES);
  }

  @Test
  void beam_is_known_to_the_transforms_and_to_the_runners() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            "dev.fusewright.pipeline.beam..", "dev.fusewright.pipeline.flink..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.apache.beam..")
        .because("what is done to a model, and what a run is, can be tested without a pipeline")
        .check(CLASSES);
  }

  @Test
  void stores_are_reached_through_the_port() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.fusewright.io.storage..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.hadoop..", "software.amazon..")
        .because("what a store must promise is said and tested once")
        .check(CLASSES);
  }

  @Test
  void options_and_the_terminal_belong_to_commands() {
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.fusewright.pipeline.cli..", "dev.fusewright.deploy.cluster..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("picocli..", "me.tongfei..")
        .because("what a command does can be done without one")
        .check(CLASSES);
  }

  @Test
  void stdout_belongs_to_the_command_line() {
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.fusewright.pipeline.cli..", "dev.fusewright.io.runtime..")
        .should()
        .accessField(System.class, "out")
        .because("stdout carries the contract's JSON, or a child process's answers")
        .check(CLASSES);
  }

  @ParameterizedTest
  @ValueSource(strings = {"core", "io", "pipeline", "deploy"})
  void packages_of_a_module_form_no_cycle(String module) {
    slices()
        .matching("dev.fusewright." + module + ".(**)")
        .should()
        .beFreeOfCycles()
        // Reader and writer of state dicts name the formats' own, which implement what they return.
        .because("a reader can learn the packages one after the other")
        .check(CLASSES);
  }
}
