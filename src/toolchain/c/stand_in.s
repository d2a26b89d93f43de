# Stands in for the C compiler where there is none, for Linux on x86-64, without a C library. Two questions of Go's are
# answered as the real one did: which compiler it is (`gcc -###`, by the go command, since that is part of the keys
# under which it finds what was compiled with it), and where its own functions are (`gcc -m64 --print-libgcc-file-name`,
# by the linker). All else is refused.

	.section .rodata
said:
	.incbin "said"
said_end:
libgcc:
	.incbin "libgcc"
libgcc_end:
refusal:
	.ascii "there is no C compiler here\n"
refusal_end:

	.text
	.globl _start
_start:
	movq	(%rsp), %rcx			# argc
	xorl	%ebp, %ebp			# exit code
	cmpq	$2, %rcx
	jb	refuse
	movq	16(%rsp), %rax			# argv[1]
	cmpl	$0x2323232d, (%rax)		# "-###"
	je	version
	cmpq	$3, %rcx
	jne	refuse
	movq	24(%rsp), %rax			# argv[2]
	movabsq	$0x6c2d746e6972702d, %rdx	# "-print-l"
	cmpq	%rdx, 1(%rax)
	jne	refuse
	movl	$1, %edi			# standard output
	leaq	libgcc(%rip), %rsi
	movl	$(libgcc_end - libgcc), %edx
	jmp	write
version:
	movl	$2, %edi			# standard error
	leaq	said(%rip), %rsi
	movl	$(said_end - said), %edx
	jmp	write
refuse:
	movl	$2, %edi
	leaq	refusal(%rip), %rsi
	movl	$(refusal_end - refusal), %edx
	movl	$1, %ebp
write:
	movl	$1, %eax
	syscall
	movl	$60, %eax			# exit
	movl	%ebp, %edi
	syscall

	.section .note.GNU-stack, "", @progbits
