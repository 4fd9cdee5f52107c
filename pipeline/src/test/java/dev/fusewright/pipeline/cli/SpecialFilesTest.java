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
package dev.fusewright.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.io.onnx.proto.GraphProto;
import dev.fusewright.io.onnx.proto.ModelProto;
import dev.fusewright.io.onnx.proto.StringStringEntryProto;
import dev.fusewright.io.onnx.proto.TensorProto;
import dev.fusewright.pipeline.ExampleModels;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is no regular file, in each place where a command takes one. */
@UsesProcesses
final class SpecialFilesTest {
  /** Short, since a socket's path may be no longer than a hundred characters. */
  @TempDir Path folder;

  enum Special {
    PIPE {
      @Override
      Path at(Path place) throws Exception {
        assumeTrue(new ProcessBuilder("mkfifo", place.toString()).start().waitFor() == 0);
        return place;
      }
    },
    SOCKET {
      @Override
      Path at(Path place) throws Exception {
        assumeTrue(place.toString().length() < 100, "the path is too long for a socket");
        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
          socket.bind(UnixDomainSocketAddress.of(place));
        }
        return place;
      }
    },
    LINK_TO_A_DEVICE {
      @Override
      Path at(Path place) throws Exception {
        return Files.createSymbolicLink(place, Path.of("/dev/zero"));
      }
    };

    abstract Path at(Path place) throws Exception;
  }

  private static void assertRefused(Answer answer) {
    assertThat(answer.code()).as(answer.out()).isIn(ExitCode.USAGE, ExitCode.NOTHING);
    assertThat(answer.err())
        .contains("found a device, a pipe or a socket")
        .doesNotContain("defect of fusewright", "\tat ", "NotRegularException");
  }

  @ParameterizedTest
  @EnumSource
  void as_a_model_it_is_refused_by_every_command(Special special) throws Exception {
    Path model = special.at(folder.resolve("m.onnx"));
    Path out = folder.resolve("o.onnx");
    assertRefused(Answer.of("fuse", model, "-o", out));
    assertRefused(Answer.of("inspect", model));
    assertRefused(Answer.of("show", model));
    assertRefused(Answer.of("verify", model, ExampleModels.model("mlp_bn")));
    assertRefused(Answer.of("verify", ExampleModels.model("mlp_bn"), model));
    assertRefused(Answer.of("diff", model, ExampleModels.model("mlp_bn")));
    assertThat(out).doesNotExist();
  }

  @ParameterizedTest
  @EnumSource
  void as_external_data_it_is_refused(Special special) throws Exception {
    special.at(folder.resolve("w"));
    ModelProto whole = ModelProto.parseFrom(Files.readAllBytes(ExampleModels.model("mlp_bn")));
    GraphProto.Builder graph = whole.getGraph().toBuilder();
    TensorProto.Builder tensor = graph.getInitializerBuilder(0);
    tensor
        .clearRawData()
        .setDataLocation(TensorProto.DataLocation.EXTERNAL)
        .addExternalData(StringStringEntryProto.newBuilder().setKey("location").setValue("w"));
    Path model =
        Files.write(
            folder.resolve("m.onnx"), whole.toBuilder().setGraph(graph).build().toByteArray());
    Path out = folder.resolve("o.onnx");
    Answer answer = Answer.of("fuse", model, "-o", out);
    if (special == Special.LINK_TO_A_DEVICE) {
      assertThat(answer.err()).contains("It leads out of the folder by a symbolic link");
      assertThat(answer.code()).isEqualTo(ExitCode.NOTHING);
    } else {
      assertRefused(answer);
    }
    assertThat(out).doesNotExist();
  }

  @ParameterizedTest
  @EnumSource
  void as_a_sample_it_is_refused(Special special) throws Exception {
    Path sample = special.at(folder.resolve("x.npy"));
    Path out = folder.resolve("o.onnx");
    assertRefused(
        Answer.of(
            "fuse", ExampleModels.model("mlp_bn"), "-o", out, "--inputs-file", "input=" + sample));
    assertThat(out).doesNotExist();
  }

  @Test
  void a_report_that_the_system_does_not_give_is_no_defect() {
    // A regular file, as far as its status says, whose first page nobody may read.
    Path report = Path.of("/proc/self/mem");
    assumeTrue(Files.isRegularFile(report));
    Path model = ExampleModels.model("mlp_bn");
    Answer answer = Answer.of("verify", model, model, "--certificates", report);
    assertThat(answer.code()).isEqualTo(ExitCode.NOTHING);
    assertThat(answer.err()).contains("/proc/self/mem: expected a file that can be read");
    assertThat(answer.err()).doesNotContain("defect", "Exception");
  }

  @ParameterizedTest
  @EnumSource
  void as_a_list_of_modules_a_report_or_a_catalogue_it_is_refused(Special special)
      throws Exception {
    Path file = special.at(folder.resolve("f"));
    Path out = folder.resolve("o.onnx");
    Path model = ExampleModels.model("mlp_bn");
    assertRefused(Answer.of("fuse", model, "-o", out, "--modules", file));
    assertRefused(Answer.of("fuse", model, "-o", out, "--report", file));
    assertRefused(Answer.of("catalogue", model, "-o", file));
    assertThat(out).doesNotExist();
  }

  @ParameterizedTest
  @EnumSource
  void as_an_output_it_is_not_replaced(Special special) throws Exception {
    Path out = special.at(folder.resolve("o.onnx"));
    Object before = key(out);
    assertRefused(Answer.of("fuse", ExampleModels.model("mlp_bn"), "-o", out, "--verify", "site"));
    assertThat(key(out)).isEqualTo(before);
  }

  private static Object key(Path file) throws Exception {
    return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
        .fileKey();
  }
}
