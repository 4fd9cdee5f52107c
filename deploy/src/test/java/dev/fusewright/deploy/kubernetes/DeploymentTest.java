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
package dev.fusewright.deploy.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fusewright.deploy.support.CommandLines;
import dev.fusewright.deploy.support.FlinkSettings;
import dev.fusewright.deploy.support.Project;
import dev.fusewright.deploy.support.Yaml;
import dev.fusewright.pipeline.flink.FlinkDefaults;
import dev.fusewright.pipeline.flink.FlinkRelease;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.configuration.IllegalConfigurationException;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.kubernetes.operator.api.FlinkDeployment;
import org.apache.flink.kubernetes.operator.api.spec.FlinkVersion;
import org.apache.flink.kubernetes.operator.api.spec.JobState;
import org.apache.flink.kubernetes.operator.api.spec.UpgradeMode;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The Flink that each overlay asks for. */
class DeploymentTest {
  private static final FlinkVersion OURS =
      FlinkVersion.valueOf("v" + FlinkRelease.series().replace('.', '_'));

  static Stream<String> overlays() {
    return Stream.of("base", "overlays/aws", "overlays/minio");
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void it_is_what_the_operator_reads_and_nothing_else(String overlay) {
    JsonNode deployment = RunManifest.of(overlay).deployment();

    assertThatCode(() -> Models.read(deployment)).doesNotThrowAnyException();
    assertThat(OperatorSchema.faults(deployment)).isEmpty();
  }

  @Test
  void a_misspelt_field_is_caught_by_both() {
    ObjectNode deployment = RunManifest.of("base").deployment();
    deployment.withObject("/spec/taskManager/resource").put("memroy", "1g");

    assertThatThrownBy(() -> Models.read(deployment)).hasMessageContaining("memroy");
    assertThat(OperatorSchema.faults(deployment)).singleElement().asString().contains("memroy");
  }

  @Test
  void a_misspelt_field_of_a_pod_is_caught_by_both() {
    ObjectNode deployment = RunManifest.of("base").deployment();
    deployment.withObject("/spec/podTemplate/spec").put("nodeSelektor", "x");

    assertThatThrownBy(() -> Models.read(deployment)).hasMessageContaining("nodeSelektor");
    assertThat(OperatorSchema.faults(deployment))
        .singleElement()
        .asString()
        .contains("nodeSelektor");
  }

  @Test
  void a_flink_that_the_operator_does_not_know_is_caught() {
    ObjectNode deployment = RunManifest.of("base").deployment();
    deployment.withObject("/spec").put("flinkVersion", "v1_91");

    assertThat(OperatorSchema.faults(deployment)).singleElement().asString().contains(OURS.name());
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void it_is_an_application_that_begins_anew_each_time(String overlay) {
    FlinkDeployment deployment = model(overlay);

    assertThat(deployment.getSpec().getFlinkVersion()).isEqualTo(OURS);
    assertThat(deployment.getSpec().getJob().getUpgradeMode()).isEqualTo(UpgradeMode.STATELESS);
    assertThat(deployment.getSpec().getJob().getState()).isEqualTo(JobState.RUNNING);
    assertThat(deployment.getSpec().getServiceAccount()).isEqualTo("fusewright-job");
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void flink_knows_every_setting(String overlay) {
    assertThat(FlinkSettings.of(RunManifest.of(overlay).deployment()).faults()).isEmpty();
  }

  @Test
  void a_misspelt_setting_and_a_wrong_value_are_caught() {
    ObjectNode deployment = RunManifest.of("base").deployment();
    deployment
        .withObject("/spec/flinkConfiguration")
        .put("taskmanager.memory.task.offheap.size", "1g")
        .put("heartbeat.timeout", "soon");

    assertThat(FlinkSettings.of(deployment).faults())
        .hasSize(2)
        .anyMatch(fault -> fault.equals("unknown: taskmanager.memory.task.offheap.size"))
        .anyMatch(fault -> fault.contains("heartbeat.timeout"));
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void flink_says_that_the_memory_adds_up(String overlay) {
    FlinkSettings settings = FlinkSettings.of(RunManifest.of(overlay).deployment());

    TaskExecutorProcessSpec taskManager = settings.taskManager();
    assertThat(taskManager.getTotalProcessMemorySize())
        .isEqualTo(settings.configuration().get(TaskManagerOptions.TOTAL_PROCESS_MEMORY));
    assertThat(taskManager.getTaskHeapSize()).isGreaterThan(MemorySize.ofMebiBytes(512));
    assertThat(settings.jobManager().getTotalProcessMemorySize())
        .isEqualTo(settings.configuration().get(JobManagerOptions.TOTAL_PROCESS_MEMORY));
  }

  /**
   * What is proven at the same time takes half of a container's memory: BoundedProof sees to it.
   */
  @ParameterizedTest
  @MethodSource("overlays")
  void half_of_the_memory_is_left_to_the_child_processes(String overlay) {
    FlinkSettings settings = FlinkSettings.of(RunManifest.of(overlay).deployment());

    assertThat(settings.taskManager().getTaskOffHeapSize().multiply(2))
        .isGreaterThanOrEqualTo(settings.taskManager().getTotalProcessMemorySize());
  }

  @Test
  void memory_that_does_not_add_up_is_caught() {
    ObjectNode deployment = RunManifest.of("base").deployment();
    deployment.withObject("/spec/taskManager/resource").put("memory", "3072m");

    assertThatThrownBy(() -> FlinkSettings.of(deployment).taskManager())
        .isInstanceOf(IllegalConfigurationException.class);
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void the_run_takes_its_arguments(String overlay) {
    assertThatCode(() -> CommandLines.check(RunManifest.of(overlay).arguments()))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void no_argument_and_no_setting_is_a_secret(String overlay) {
    String all = RunManifest.of(overlay).deployment().toString();

    assertThat(all).doesNotContainIgnoringCase("secret.key").doesNotContain("AKIA");
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void what_every_run_needs_of_flink_is_set(String overlay) {
    JsonNode configuration = RunManifest.of(overlay).deployment().at("/spec/flinkConfiguration");

    assertThat(Yaml.document(FlinkDefaults.forCluster()).properties())
        .isNotEmpty()
        .allSatisfy(
            needed ->
                assertThat(configuration.path(needed.getKey()).asText())
                    .as(needed.getKey())
                    .isEqualTo(needed.getValue().asText()));
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void the_jvm_has_the_flags_of_the_launcher_and_its_scratch_on_the_volume(String overlay) {
    List<String> flags =
        Project.lines(Project.HOME.resolve("src/config/flink-java17.args")).stream()
            .filter(line -> !line.startsWith("#"))
            .toList();
    JsonNode configuration = RunManifest.of(overlay).deployment().at("/spec/flinkConfiguration");

    assertThat(configuration.path("env.java.opts.all").asText().split(" ", -1))
        .containsAll(flags)
        .contains("-Djava.io.tmpdir=" + configuration.path("io.tmp.dirs").asText());
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void nothing_is_written_but_to_volumes_with_a_limit(String overlay) {
    FlinkDeployment deployment = model(overlay);
    String scratch = deployment.getSpec().getFlinkConfiguration().get("io.tmp.dirs");
    PodTemplateSpec common = deployment.getSpec().getPodTemplate();

    for (PodTemplateSpec role :
        List.of(
            deployment.getSpec().getJobManager().getPodTemplate(),
            deployment.getSpec().getTaskManager().getPodTemplate())) {
      List<Volume> volumes =
          Stream.of(common, role)
              .flatMap(template -> template.getSpec().getVolumes().stream())
              .toList();
      assertThat(volumes)
          .allSatisfy(
              volume ->
                  assertThat(volume.getEmptyDir().getSizeLimit()).as(volume.getName()).isNotNull());
      assertThat(main(common).getVolumeMounts())
          .allSatisfy(
              mount ->
                  assertThat(volumes).extracting(Volume::getName).containsOnlyOnce(mount.getName()))
          .anySatisfy(mount -> assertThat(mount.getMountPath()).isEqualTo(scratch))
          .anySatisfy(mount -> assertThat(mount.getMountPath()).isEqualTo("/tmp"))
          .anySatisfy(mount -> assertThat(mount.getMountPath()).isEqualTo("/opt/flink/log"));
    }
    // The two templates are layered by name only if the operator is told so.
    assertThat(deployment.getSpec().getFlinkConfiguration())
        .containsEntry("kubernetes.operator.pod-template.merge-arrays-by-name", "true");
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void the_volumes_fit_into_what_the_pod_asks_for(String overlay) {
    JsonNode spec = RunManifest.of(overlay).deployment().path("spec");
    for (String role : List.of("jobManager", "taskManager")) {
      long volumes =
          Stream.of(spec.path("podTemplate"), spec.path(role).path("podTemplate"))
              .flatMap(
                  template ->
                      template.path("spec").path("volumes").findValuesAsText("sizeLimit").stream())
              .mapToLong(DeploymentTest::bytes)
              .sum();
      assertThat(bytes(spec.path(role).path("resource").path("ephemeralStorage").asText()))
          .as(role)
          .isGreaterThan(volumes);
    }
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void scratch_is_budgeted_below_the_limit_of_its_volume(String overlay) {
    RunManifest run = RunManifest.of(overlay);
    String budget =
        run.arguments().stream()
            .filter(argument -> argument.startsWith("--scratch-budget="))
            .map(argument -> argument.substring("--scratch-budget=".length()) + "i")
            .findFirst()
            .orElseThrow();
    long limit =
        bytes(
            run.deployment()
                .at("/spec/taskManager/podTemplate/spec/volumes")
                .findValuesAsText("sizeLimit")
                .get(0));

    // Flink's own temporary files and logs of crashed children lie there too.
    assertThat(bytes(budget)).isBetween(limit / 2, limit * 95 / 100);
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void the_pods_are_confined(String overlay) {
    PodTemplateSpec pod = model(overlay).getSpec().getPodTemplate();

    assertThat(pod.getSpec().getSecurityContext().getRunAsNonRoot()).isTrue();
    assertThat(pod.getSpec().getSecurityContext().getSeccompProfile().getType())
        .isEqualTo("RuntimeDefault");
    assertThat(main(pod).getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
    assertThat(main(pod).getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
    assertThat(main(pod).getSecurityContext().getCapabilities().getDrop()).containsExactly("ALL");
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void keys_come_from_a_secret_that_need_not_exist(String overlay) {
    assertThat(main(model(overlay).getSpec().getPodTemplate()).getEnvFrom())
        .singleElement()
        .satisfies(
            source -> {
              assertThat(source.getSecretRef().getName()).isEqualTo("fusewright-store");
              assertThat(source.getSecretRef().getOptional()).isTrue();
            });
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void the_network_policies_and_the_launcher_find_its_pods(String overlay) {
    JsonNode deployment = RunManifest.of(overlay).deployment();
    JsonNode labels = deployment.at("/spec/podTemplate/metadata/labels");

    assertThat(labels.path("app.kubernetes.io/name").asText()).isEqualTo("fusewright");
    assertThat(labels.path("app.kubernetes.io/component").asText()).isEqualTo("run");
    assertThat(deployment.at("/metadata/labels/app.kubernetes.io~1part-of").asText())
        .isEqualTo("fusewright");
  }

  private static FlinkDeployment model(String overlay) {
    return (FlinkDeployment) Models.read(RunManifest.of(overlay).deployment());
  }

  private static Container main(PodTemplateSpec pod) {
    return pod.getSpec().getContainers().stream()
        .filter(container -> container.getName().equals("flink-main-container"))
        .findFirst()
        .orElseThrow();
  }

  private static long bytes(String quantity) {
    return Quantity.getAmountInBytes(new Quantity(quantity)).longValueExact();
  }
}
